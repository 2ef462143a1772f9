/** One client connection: handshake, then SEND, RECVACK and PING until something closes it. */

import type { Ledger } from "../ledger.ts";
import { MalformedPacket } from "./bytes.ts";
import { newSalt, ServerKey, SessionCipher } from "./cipher.ts";
import { damaged, recvFor, sealed, type Damage } from "./delivery.ts";
import { encodePacket } from "./encode.ts";
import type { Link } from "./link.ts";
import type { PersonChannel, StoredMessage } from "./message.ts";
import { reasons, setting, type Connack, type Connect, type Packet, type Recv, type Send } from "./packet.ts";
import type { Profile, Timing } from "./profile.ts";
import { ResendTable } from "./resend.ts";
import { PacketStream } from "./stream.ts";

/** What a connection asks of the server around it. */
export interface Home {
  readonly profile: Profile;
  readonly timing: Timing;
  readonly personChannel: PersonChannel;
  readonly encryption: boolean;
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
  isDeaf(uid: string): boolean;
  takeDamage(uid: string): Damage | undefined;
  left(connection: Connection): void;
}

/** The node that answers; clients only carry it through. */
const NODE_ID = 1n;

export class Connection {
  readonly link: Link;
  /** Counts the connections of a server. */
  readonly number: number;
  readonly resends: ResendTable;
  uid = "";
  deviceId = "";
  deviceFlag = 0;
  /** True once CONNACK said yes; nothing is delivered before. */
  #isIn = false;
  /** Undefined where the server does not encrypt. */
  #cipher: SessionCipher | undefined;
  /** Counts the WebSocket messages that came in. */
  #frame = 0;
  /** True once another device took over: no more deliveries, only the close is left. */
  #isGone = false;
  /** The WebSocket message that CONNECT came in. */
  #connectFrame: number | undefined;
  #deadline: NodeJS.Timeout | undefined;
  readonly #home: Home;
  readonly #stream: PacketStream;

  constructor(link: Link, home: Home, number: number) {
    this.link = link;
    this.number = number;
    this.#home = home;
    this.#stream = new PacketStream(home.profile.latestVersion);
    this.resends = new ResendTable(home.timing.resendMs, home.timing.resendMax, (bytes, messageId) => {
      this.#note("sent", "RECV", { messageId, resend: true });
      link.write(bytes);
    });
    this.#closeIn(home.timing.connectMs);
  }

  get isLive(): boolean {
    return this.#isIn && !this.#isGone;
  }

  get version(): number {
    return this.#stream.version;
  }

  /** One WebSocket message. */
  receive(bytes: Buffer): void {
    this.#frame += 1;
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

  /** A client does what the released servers do not take. The v3 line closes on it, v2.2.5 loses bytes or looks away. */
  complain(about: string): void {
    this.#note("received", "violation", { about });
    if (this.#home.profile.closesOnViolation) this.link.terminate();
  }

  #handle(packet: Packet): void {
    const { kind, ...shown } = packet;
    if (kind !== "SEND") this.#note("received", kind, { ...shown, frame: this.#frame });
    if (this.#connectFrame === undefined) {
      // Everything before CONNECT is a stranger.
      if (packet.kind === "CONNECT" && packet.uid !== "") this.#connect(packet);
      else this.link.terminate();
      return;
    }
    if (this.#connectFrame === this.#frame) return this.complain(`${kind} right behind CONNECT`);
    // A refused CONNECT leaves the socket open for a while on v2.2.5; nothing is answered in it.
    if (!this.isLive) return;
    if (packet.kind === "PING") {
      if (!this.#home.isMuted(this.uid)) this.write({ kind: "PONG" });
    } else if (packet.kind === "RECVACK") {
      if (!this.#home.isDeaf(this.uid)) this.resends.settle(packet.messageId);
    } else if (packet.kind === "SEND") {
      this.#send(packet);
    } else {
      this.complain(kind);
    }
  }

  #connect(packet: Connect): void {
    this.#connectFrame = this.#frame;
    this.uid = packet.uid;
    this.deviceId = packet.deviceId;
    this.deviceFlag = packet.deviceFlag;
    this.#stream.version = Math.min(packet.protoVersion, this.#home.profile.latestVersion);
    const serverKey = ServerKey.generate();
    const salt = newSalt();
    const { encryption, ledger, timing } = this.#home;
    if (encryption) this.#cipher = this.#agree(serverKey, packet.clientKey, salt);
    if (encryption && this.#cipher === undefined) return this.#refuse(reasons.clientKeyEmpty);
    const reasonCode = this.#home.admit(this, packet);
    if (reasonCode !== reasons.success) return this.#refuse(reasonCode);
    this.#isIn = true;
    this.#closeIn(timing.idleMs);
    ledger.record("dmwork", "connect", this.uid, "connect", {
      deviceId: this.deviceId,
      deviceFlag: this.deviceFlag,
      version: this.version,
      connection: this.number,
    });
    const keys = encryption ? { serverKey: serverKey.publicBase64, salt } : { serverKey: "", salt: "" };
    this.write(this.#connack(packet, { reasonCode, ...keys }));
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
    if (this.#cipher === undefined) return packet.payload;
    if (this.#cipher.sendKey(packet) !== packet.msgKey) return undefined;
    try {
      return this.#cipher.decrypt(packet.payload);
    } catch (error) {
      this.#note("received", "bad ciphertext", { error: String(error) });
      return undefined;
    }
  }

  #recv(message: StoredMessage): Recv {
    const { profile, personChannel } = this.#home;
    const draft = recvFor(this.uid, message, personChannel);
    const isPlain = profile.honorsNoEncrypt && (message.setting & setting.noEncrypt) !== 0;
    const packet = isPlain || this.#cipher === undefined ? draft : sealed(draft, this.#cipher);
    const damage = this.#home.takeDamage(this.uid);
    return damage === undefined ? packet : damaged(packet, damage, this.#cipher);
  }

  #closeIn(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.link.terminate(), ms);
  }

  #note(kind: "sent" | "received", name: string, data: object): void {
    this.#home.ledger.record("dmwork", kind, this.uid, name, data);
  }
}
