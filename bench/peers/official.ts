/**
 * The platform's own SDK, driven through a WebSocket that is only an object. Its log lines, one for each packet, are left
 * out in its favor.
 */

import { Md5 } from "md5-typescript";
import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { reasons, type Packet } from "../../sandbox/wukong/packet.ts";
import { PacketStream } from "../../sandbox/wukong/stream.ts";
import type { Keys } from "../../tests/js/wukong-peer.ts";
import { loadOfficialSdk, type OfficialSdk } from "../../tests/sandbox/official-sdk.ts";
import type { Contestant, Handshake } from "./contestant.ts";

const NAME = "wukongimjssdk 1.0.4";
/** The version that the SDK asks for, so that a server settles on it. */
const VERSION = 2;

/** What the SDK sets on its WebSocket, and what it sent last. */
class Line {
  static open: Line | undefined;
  sent: Uint8Array | undefined;
  onopen = (): void => {};
  onmessage = (_event: { data: ArrayBuffer }): void => {};

  constructor() {
    Line.open = this;
  }

  send(bytes: Uint8Array): void {
    this.sent = bytes;
  }

  close(): void {}
}

type SdkRecv = { msgKey: string; veritifyString: string; payload: Uint8Array };

/** The parts of the SDK that read a message. */
interface Sdk extends OfficialSdk {
  config: OfficialSdk["config"] & { proto: { decode(packet: Uint8Array): SdkRecv } };
  securityManager: {
    aesKey: string;
    encryption(text: string): string;
    decryption(payload: Uint8Array): Uint8Array;
  };
  connectManager: OfficialSdk["connectManager"] & {
    unpacket(bytes: Uint8Array, take: (packets: number[][]) => void): void;
    stopHeart(): void;
  };
  chatManager: OfficialSdk["chatManager"] & { sendRecvackPacket(packet: SdkRecv): void };
}

async function load(): Promise<Sdk> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own types need a bundler
  const sdk = (await loadOfficialSdk()) as Sdk;
  Object.assign(globalThis, { WebSocket: Line });
  clearInterval(sdk.receiptManager.timer);
  return sdk;
}

/** Connects once more, with a new key pair. */
function shakeHands(sdk: Sdk, { server, salt }: Keys): Line {
  sdk.connect();
  const line = Line.open;
  if (!line) throw new Error("the SDK opened no WebSocket");
  line.onopen();
  const agreed = { serverKey: server.publicBase64, salt };
  const connack: Packet = { kind: "CONNACK", timeDiff: 0n, reasonCode: reasons.success, ...agreed };
  line.onmessage({ data: arrayBuffer(encodePacket(connack, VERSION)) });
  sdk.connectManager.stopHeart();
  return line;
}

export async function officialClients(keys: Keys, key: string): Promise<Contestant[]> {
  const sdk = await load();
  const line = shakeHands(sdk, keys);
  // The key pair is its own; the packets are those of everybody.
  sdk.securityManager.aesKey = key;
  return [new Listened(sdk, line), new Decrypted(sdk, line, true), new Decrypted(sdk, line, false)];
}

/** From the WebSocket to the listener for messages, as an application gets them. */
class Listened implements Contestant {
  readonly name = `${NAME}, to its listener`;
  readonly verifies = true;
  readonly version = VERSION;
  readonly #line: Line;
  #text: string | undefined;

  constructor(sdk: Sdk, line: Line) {
    this.#line = line;
    sdk.chatManager.addMessageListener((message) => {
      this.#text = message.content.text;
    });
  }

  take(frame: Buffer): void {
    this.#line.onmessage({ data: arrayBuffer(frame) });
  }

  settle(): void {}

  outcome(): { text: string; acknowledged: bigint | undefined } {
    return { text: String(this.#text), acknowledged: acknowledged(this.#line) };
  }
}

/** The same steps only up to the payload: no conversation list, no message object, and no `await`. */
class Decrypted implements Contestant {
  readonly name = NAME;
  readonly version = VERSION;
  readonly verifies: boolean;
  readonly #sdk: Sdk;
  readonly #line: Line;
  #content: unknown;

  constructor(sdk: Sdk, line: Line, verifies: boolean) {
    this.#sdk = sdk;
    this.#line = line;
    this.verifies = verifies;
  }

  take(frame: Buffer): void {
    const { connectManager, chatManager, config, securityManager } = this.#sdk;
    connectManager.unpacket(new Uint8Array(frame), ([bytes = []]) => {
      const recv = config.proto.decode(new Uint8Array(bytes));
      if (this.verifies && Md5.init(securityManager.encryption(recv.veritifyString)) !== recv.msgKey) {
        throw new Error("a wrong message key");
      }
      const payload: { content?: unknown } = JSON.parse(
        Buffer.from(securityManager.decryption(recv.payload)).toString(),
      );
      this.#content = payload.content;
      chatManager.sendRecvackPacket(recv);
    });
  }

  settle(): void {}

  outcome(): { text: string; acknowledged: bigint | undefined } {
    return { text: String(this.#content), acknowledged: acknowledged(this.#line) };
  }
}

export async function officialHandshake(): Promise<Handshake> {
  const sdk = await load();
  return {
    name: NAME,
    run(times, keys) {
      for (let n = 0; n < times; n += 1) shakeHands(sdk, keys);
      if (sdk.securityManager.aesKey.length !== 16) throw new Error("no key");
    },
  };
}

/** The message that the last RECVACK was for. */
function acknowledged({ sent }: Line): bigint | undefined {
  const [ack] = new PacketStream(VERSION).push(Buffer.from(sent ?? []));
  return ack?.kind === "RECVACK" ? ack.messageId : undefined;
}

/** A WebSocket's message as the SDK asks for it. */
function arrayBuffer(frame: Buffer): ArrayBuffer {
  return new Uint8Array(frame).buffer;
}
