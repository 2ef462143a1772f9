/** A bare WuKongIM client for tests that need what no SDK does: old versions, wrong tokens, broken packets. */

import { once } from "node:events";
import { WebSocket } from "ws";
import { ServerKey, SessionCipher } from "../../sandbox/wukong/cipher.ts";
import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { noFlags, type Connack, type Packet, type Recv, type Send } from "../../sandbox/wukong/packet.ts";
import { PacketStream } from "../../sandbox/wukong/stream.ts";

export interface Credentials {
  uid: string;
  token: string;
  version?: number;
  deviceId?: string;
  deviceFlag?: number;
}

type Kind = Packet["kind"];
type PacketOf<K extends Kind> = Extract<Packet, { kind: K }>;

export class WukongClient {
  readonly websocket: WebSocket;
  /** Sizes of the received WebSocket messages. */
  readonly frames: number[] = [];
  #packets: Packet[] = [];
  #wake: () => void = () => undefined;
  #cipher: SessionCipher | undefined;
  readonly #key = ServerKey.generate();
  readonly #version: number;
  readonly #stream: PacketStream;

  private constructor(url: string, version: number) {
    this.#version = version;
    this.#stream = new PacketStream(version);
    this.websocket = new WebSocket(url);
    this.websocket.on("message", (data: Buffer) => {
      this.frames.push(data.length);
      this.#packets.push(...this.#stream.push(data));
      this.#wake();
    });
    this.websocket.on("close", () => this.#wake());
    this.websocket.on("error", () => this.#wake());
  }

  /** Opens the socket and sends CONNECT; the answer, if there is one, is the first packet. */
  static async open(url: string, { uid, token, version = 5, deviceId = "d1", deviceFlag = 0 }: Credentials) {
    const client = new WukongClient(url, version);
    await once(client.websocket, "open");
    const clientKey = client.#key.publicBase64;
    const clientTimestamp = BigInt(Date.now());
    const identity = { uid, token, deviceId, deviceFlag, clientTimestamp, clientKey };
    client.send({ kind: "CONNECT", flags: noFlags, protoVersion: version, ...identity });
    return client;
  }

  /** As `open`, and through the handshake. */
  static async connect(url: string, credentials: Credentials): Promise<WukongClient> {
    const client = await WukongClient.open(url, credentials);
    await client.handshake();
    return client;
  }

  async handshake(): Promise<Connack> {
    const connack = await this.next("CONNACK");
    this.#stream.version = connack.serverVersion ?? this.#version;
    if (connack.reasonCode === 1)
      this.#cipher = new SessionCipher(this.#key.sharedSecret(connack.serverKey), connack.salt);
    return connack;
  }

  send(packet: Packet): void {
    this.websocket.send(encodePacket(packet, this.#version));
  }

  /** An encrypted SEND with its key. */
  seal(draft: Omit<Send, "kind" | "flags" | "setting" | "msgKey" | "clientMsgNo">): Send {
    if (this.#cipher === undefined) throw new Error("not connected");
    const payload = this.#cipher.encrypt(draft.payload);
    const packet = {
      kind: "SEND" as const,
      flags: noFlags,
      setting: 0,
      msgKey: "",
      clientMsgNo: "c1",
      ...draft,
      payload,
    };
    return { ...packet, msgKey: this.#cipher.sendKey(packet) };
  }

  /** The plaintext, after checking the packet's key. */
  unseal(packet: Recv): string {
    if (this.#cipher?.recvKey(packet) !== packet.msgKey) throw new Error("wrong msgKey");
    return this.#cipher.decrypt(packet.payload).toString("utf8");
  }

  /** The next packet of this kind, whether it is here already or still to come; the ones before it are dropped. */
  async next<K extends Kind>(kind: K): Promise<PacketOf<K>> {
    for (;;) {
      const index = this.#packets.findIndex((packet) => packet.kind === kind);
      const found = this.#packets[index];
      if (found !== undefined && isKind(found, kind)) {
        this.#packets = this.#packets.slice(index + 1);
        return found;
      }
      if (this.websocket.readyState === WebSocket.CLOSED) throw new Error(`closed before a ${kind} came`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Resolves when the server has closed, with every packet that nobody asked for. */
  async closed(): Promise<Packet[]> {
    if (this.websocket.readyState !== WebSocket.CLOSED) await once(this.websocket, "close");
    return this.#packets;
  }

  [Symbol.dispose](): void {
    this.websocket.terminate();
  }
}

function isKind<K extends Kind>(packet: Packet, kind: K): packet is PacketOf<K> {
  return packet.kind === kind;
}
