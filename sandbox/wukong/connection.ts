/** One client connection: handshake, then SEND, RECVACK and PING until something closes it. */

import type { Ledger } from "../ledger.ts";
import { MalformedPacket } from "./bytes.ts";
import { newSalt, ServerKey, SessionCipher } from "./cipher.ts";
import { encodePacket } from "./encode.ts";
import type { Link } from "./link.ts";
import { channelIdFor, type PersonChannel, type StoredMessage } from "./message.ts";
import { reasons, setting, type Connack, type Connect, type Packet, type Recv, type Send } from "./packet.ts";
import type { Profile, Timing } from "./profile.ts";
import { ResendTable } from "./resend.ts";
import { PacketStream } from "./stream.ts";

/** What a connection asks of the server around it. */
export interface Home {
  readonly profile: Profile;
  readonly timing: Timing;
  readonly personChannel: PersonChannel;
  readonly ledger: Ledger;
  /** CONNACK reason for these credentials; `success` also makes the connection known. */
  admit(connection: Connection, packet: Connect): number;
  /** Stores and delivers; the result becomes SENDACK. */
  accept(
    connection: Connection,
    packet: Send,
    payload: Buffer,
  ): { messageId: bigint; messageSeq: number; reasonCode: number };
  isMuted(uid: string): boolean;
  left(connection: Connection): void;
}

/** The node that answers; clients only carry it through. */
const NODE_ID = 1n;

export class Connection {
  readonly link: Link;
  readonly resends: ResendTable;
  uid = "";
  deviceId = "";
  deviceFlag = 0;
  /** Undefined until CONNACK said yes; nothing is delivered before. */
  #cipher: SessionCipher | undefined;
  /** True once another device took over: no more deliveries, only the close is left. */
  #isGone = false;
  #sawConnect = false;
  #deadline: NodeJS.Timeout | undefined;
  readonly #home: Home;
  readonly #stream: PacketStream;

  constructor(link: Link, home: Home) {
    this.link = link;
    this.#home = home;
    this.#stream = new PacketStream(home.profile.latestVersion);
    this.resends = new ResendTable(home.timing.resendMs, home.timing.resendMax, (bytes, messageId) => {
      this.#note("sent", "RECV", { messageId, resend: true });
      link.write(bytes);
    });
    this.#closeIn(home.timing.connectMs);
  }

  get isLive(): boolean {
    return this.#cipher !== undefined && !this.#isGone;
  }

  get version(): number {
    return this.#stream.version;
  }

  receive(bytes: Buffer): void {
    if (this.isLive) this.#closeIn(this.#home.timing.idleMs);
    try {
      for (const packet of this.#stream.push(bytes)) this.#handle(packet);
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error;
      this.#note("received", "malformed", { error: error.message });
      this.link.terminate();
    }
  }

  /** The WebSocket is gone. */
  closed(): void {
    clearTimeout(this.#deadline);
    this.resends.close();
    this.#home.left(this);
  }

  deliver(message: StoredMessage): void {
    if (!this.isLive) return;
    const packet = this.#recv(message);
    const bytes = encodePacket(packet, this.version);
    if (!message.flags.noPersist) this.resends.add(message.messageId, bytes);
    const { payload: _ciphertext, ...shown } = packet;
    this.#note("sent", "RECV", { ...shown, payload: message.payload.toString("utf8") });
    this.link.write(bytes);
  }

  /** Sends any packet as it is; for fault injection and for EVENT. */
  write(packet: Packet): void {
    const { kind, ...shown } = packet;
    this.#note("sent", kind, shown);
    this.link.write(encodePacket(packet, this.version));
  }

  /** Another device or a new token took this connection's place. */
  lose(reason: string | undefined, closeMs: number): void {
    if (this.#isGone) return;
    if (reason !== undefined) this.write({ kind: "DISCONNECT", reasonCode: reasons.kicked, reason });
    this.#isGone = true;
    this.resends.close();
    this.#closeIn(closeMs);
  }

  #handle(packet: Packet): void {
    const { kind, ...shown } = packet;
    if (kind !== "SEND") this.#note("received", kind, shown);
    if (!this.#sawConnect) {
      // Everything before CONNECT is a stranger.
      if (packet.kind === "CONNECT" && packet.uid !== "") this.#connect(packet);
      else this.link.terminate();
      return;
    }
    // A refused CONNECT leaves the socket open for a while on v2.2.5; nothing is answered in it.
    if (!this.isLive) return;
    if (packet.kind === "PING") {
      if (!this.#home.isMuted(this.uid)) this.write({ kind: "PONG" });
    } else if (packet.kind === "RECVACK") {
      this.resends.settle(packet.messageId);
    } else if (packet.kind === "SEND") {
      this.#send(packet);
    } else if (this.#home.profile.closesOnViolation) {
      this.link.terminate();
    }
  }

  #connect(packet: Connect): void {
    this.#sawConnect = true;
    this.uid = packet.uid;
    this.deviceId = packet.deviceId;
    this.deviceFlag = packet.deviceFlag;
    this.#stream.version = Math.min(packet.protoVersion, this.#home.profile.latestVersion);
    const serverKey = ServerKey.generate();
    const salt = newSalt();
    const cipher = this.#agree(serverKey, packet.clientKey, salt);
    if (cipher === undefined) return this.#refuse(reasons.clientKeyEmpty);
    const reasonCode = this.#home.admit(this, packet);
    if (reasonCode !== reasons.success) return this.#refuse(reasonCode);
    this.#cipher = cipher;
    this.#closeIn(this.#home.timing.idleMs);
    this.#home.ledger.record("dmwork", "connect", this.uid, "connect", {
      deviceId: this.deviceId,
      deviceFlag: this.deviceFlag,
      version: this.version,
    });
    this.write(this.#connack(packet, { reasonCode, serverKey: serverKey.publicBase64, salt }));
  }

  #agree(serverKey: ServerKey, clientKey: string, salt: string): SessionCipher | undefined {
    try {
      return new SessionCipher(serverKey.sharedSecret(clientKey), salt);
    } catch (error) {
      this.#note("received", "bad client key", { error: String(error) });
      return undefined;
    }
  }

  #refuse(reasonCode: number): void {
    if (this.#home.profile.silentAuthFailure) {
      this.#closeIn(this.#home.timing.authFailureMs);
      return;
    }
    // A refusal carries a node id in every version and never a server version.
    this.write({ kind: "CONNACK", timeDiff: 0n, reasonCode, serverKey: "", salt: "", nodeId: 0n });
    this.link.terminate();
  }

  #connack(packet: Connect, answer: Pick<Connack, "reasonCode" | "serverKey" | "salt">): Connack {
    const timeDiff = BigInt(Date.now()) - packet.clientTimestamp;
    // Older clients know neither the version byte nor the node id.
    const modern = this.version >= 4 ? { serverVersion: this.version, nodeId: NODE_ID } : {};
    return { kind: "CONNACK", timeDiff, ...answer, ...modern };
  }

  #send(packet: Send): void {
    const payload = this.#open(packet);
    this.#note("received", "SEND", { ...packet, payload: payload?.toString("utf8") ?? null });
    if (payload === undefined && this.#home.profile.closesOnViolation) return this.link.terminate();
    const result =
      payload === undefined
        ? { messageId: 0n, messageSeq: 0, reasonCode: reasons.payloadDecodeError }
        : this.#home.accept(this, packet, payload);
    const tail = this.#home.profile.echoesClientMsgNo ? { clientMsgNo: packet.clientMsgNo } : {};
    this.write({ kind: "SENDACK", clientSeq: packet.clientSeq, ...result, ...tail });
  }

  /** The plaintext of a SEND, or nothing when its key or its ciphertext is wrong. */
  #open(packet: Send): Buffer | undefined {
    if (this.#home.profile.honorsNoEncrypt && (packet.setting & setting.noEncrypt) !== 0) return packet.payload;
    if (this.#cipher === undefined || this.#cipher.sendKey(packet) !== packet.msgKey) return undefined;
    try {
      return this.#cipher.decrypt(packet.payload);
    } catch (error) {
      this.#note("received", "bad ciphertext", { error: String(error) });
      return undefined;
    }
  }

  #recv(message: StoredMessage): Recv {
    const { topic, stream } = message;
    const draft = {
      kind: "RECV" as const,
      flags: message.flags,
      setting: message.setting,
      msgKey: "",
      fromUid: message.fromUid,
      channelId: channelIdFor(this.uid, message, this.#home.personChannel),
      channelType: message.channelType,
      clientMsgNo: message.clientMsgNo,
      ...(stream === undefined ? {} : { streamFlag: stream.flag, streamNo: stream.no, streamId: stream.id }),
      messageId: message.messageId,
      messageSeq: message.messageSeq,
      timestamp: message.timestamp,
      ...(topic === undefined ? {} : { topic }),
      payload: message.payload,
    };
    const isPlain = this.#home.profile.honorsNoEncrypt && (message.setting & setting.noEncrypt) !== 0;
    if (isPlain || this.#cipher === undefined) return draft;
    const sealed = { ...draft, payload: this.#cipher.encrypt(message.payload) };
    return { ...sealed, msgKey: this.#cipher.recvKey(sealed) };
  }

  #closeIn(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.link.terminate(), ms);
  }

  #note(kind: "sent" | "received", name: string, data: object): void {
    this.#home.ledger.record("dmwork", kind, this.uid, name, data);
  }
}
