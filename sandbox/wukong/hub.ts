/** All WuKongIM connections of a server: who may connect, who is thrown out for it, and delivery to a uid. */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { WebSocketServer, type RawData } from "ws";
import type { Ledger } from "../ledger.ts";
import { Connection, type Home } from "./connection.ts";
import type { Damage } from "./delivery.ts";
import { FrameHeaders } from "./frame-headers.ts";
import { Link, type Framing } from "./link.ts";
import type { PersonChannel, StoredMessage } from "./message.ts";
import { reasons, type Connect, type Send } from "./packet.ts";
import { profiles, serverTiming, type Profile, type Timing } from "./profile.ts";

/** A master device is alone on its uid and device flag; slaves live side by side. */
export type DeviceLevel = "slave" | "master";

export interface HubOptions {
  line?: Profile["line"] | undefined;
  timing?: Partial<Timing> | undefined;
  personChannel?: PersonChannel | undefined;
  /** A server can be set to send everything in the clear; true by default. */
  encryption?: boolean | undefined;
}

export type Accept = Home["accept"];

/** The text that the servers send with reason 12. */
const KICK_REASON = "login in other device";

export class Hub implements Home {
  readonly profile: Profile;
  readonly timing: Timing;
  readonly personChannel: PersonChannel;
  readonly encryption: boolean;
  readonly ledger: Ledger;
  readonly #accept: Accept;
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #all = new Set<Connection>();
  readonly #tokens = new Map<string, { token: string; level: DeviceLevel }>();
  readonly #muted = new Set<string>();
  readonly #deaf = new Set<string>();
  readonly #damages = new Map<string, Damage[]>();
  readonly #banned = new Set<string>();
  readonly #distrusted = new Set<string>();
  readonly #framings = new Map<string, Framing>();
  #opened = 0;

  constructor(ledger: Ledger, accept: Accept, options: HubOptions = {}) {
    this.ledger = ledger;
    this.#accept = accept;
    this.profile = profiles[options.line ?? "v2"];
    this.personChannel = options.personChannel ?? "peer";
    this.encryption = options.encryption ?? true;
    this.timing = { ...serverTiming, ...options.timing };
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
      const tcp = request.socket satisfies Socket;
      this.#opened += 1;
      const number = this.#opened;
      let isGone = false;
      const gone = () => {
        if (!isGone) this.ledger.record("dmwork", "disconnect", connection.uid, "socket", { connection: number });
        isGone = true;
      };
      const headers = new FrameHeaders();
      const unheard = (bytes: Buffer) => {
        for (const { length } of headers.push(bytes)) {
          this.ledger.record("dmwork", "received", connection.uid, "unheard", { connection: number, length });
        }
      };
      const connection = new Connection(new Link(websocket, tcp, { gone, unheard }), this, number);
      this.#all.add(connection);
      this.ledger.record("dmwork", "connect", "", "socket", { connection: number });
      tcp.on("data", (bytes: Buffer) => {
        for (const { isFragment } of headers.push(bytes)) if (isFragment) connection.complain("fragment");
      });
      websocket.on("message", (data) => connection.receive(asBuffer(data)));
      websocket.on("close", () => connection.closed());
      // The close that follows an error is the only thing the server acts on.
      websocket.on("error", () => websocket.terminate());
    });
  };

  /** Announces a token as the bot server does. A master's announcement throws out every live connection of that device. */
  setToken(uid: string, deviceFlag: number, token: string, level: DeviceLevel): void {
    this.#tokens.set(`${uid}/${deviceFlag}`, { token, level });
    if (level === "slave") return;
    for (const other of this.#of(uid, deviceFlag)) other.lose(KICK_REASON, this.timing.tokenKickMs);
  }

  admit(connection: Connection, packet: Connect): number {
    const known = this.#tokens.get(`${packet.uid}/${packet.deviceFlag}`);
    if (this.#banned.has(packet.uid)) return reasons.ban;
    if (known === undefined || packet.token === "" || known.token !== packet.token) return reasons.authFail;
    if (this.#distrusted.has(packet.uid)) return reasons.authFail;
    for (const other of this.#of(packet.uid, packet.deviceFlag)) {
      const isSameDevice = other.deviceId === packet.deviceId;
      if (other === connection || (known.level === "slave" && !isSameDevice)) continue;
      other.lose(isSameDevice ? undefined : KICK_REASON, this.timing.takeoverMs);
    }
    connection.link.framing = this.#framings.get(packet.uid) ?? { kind: "packet" };
    return reasons.success;
  }

  accept(connection: Connection, packet: Send, payload: Buffer): ReturnType<Accept> {
    return this.#accept(connection, packet, payload);
  }

  left(connection: Connection): void {
    this.#all.delete(connection);
    const { uid, number } = connection;
    if (uid !== "") this.ledger.record("dmwork", "disconnect", uid, "disconnect", { connection: number });
  }

  /** Pushes to every live connection of the receivers, except the one that sent the message. */
  deliver(message: StoredMessage, receivers: Iterable<string>, except?: Connection): void {
    const wanted = new Set(receivers);
    for (const connection of this.#all) {
      if (connection !== except && wanted.has(connection.uid)) connection.deliver(message);
    }
  }

  /** The live connections of a uid, or all live ones. */
  live(uid?: string): Connection[] {
    return [...this.#all].filter((connection) => connection.isLive && (uid === undefined || connection.uid === uid));
  }

  /** DISCONNECT, then the close, as an administrator's kick does. */
  kick(uid?: string): number {
    const victims = this.live(uid);
    for (const connection of victims) connection.lose(KICK_REASON, this.timing.takeoverMs);
    return victims.length;
  }

  /** Does something to the links of a uid, or to all of them, and tells how many there were. */
  disturb(uid: string | undefined, how: "terminate" | "reset" | "close" | "sever" | "freeze"): number {
    const victims = this.live(uid);
    for (const { link } of victims) link[how]();
    return victims.length;
  }

  /** PINGs of this uid stay unanswered. */
  mute(uid: string, isMuted: boolean): void {
    if (isMuted) this.#muted.add(uid);
    else this.#muted.delete(uid);
  }

  isMuted(uid: string): boolean {
    return this.#muted.has(uid);
  }

  /** RECVACKs of this uid are lost on their way. */
  deafen(uid: string, isDeaf: boolean): void {
    if (isDeaf) this.#deaf.add(uid);
    else this.#deaf.delete(uid);
  }

  isDeaf(uid: string): boolean {
    return this.#deaf.has(uid);
  }

  /** The next RECVs to this uid are damaged on their way. */
  damage(uid: string, what: Damage, count: number): void {
    this.#damages.set(
      uid,
      Array.from({ length: count }, () => what),
    );
  }

  takeDamage(uid: string): Damage | undefined {
    return this.#damages.get(uid)?.shift();
  }

  ban(uid: string, isBanned: boolean): void {
    if (isBanned) this.#banned.add(uid);
    else this.#banned.delete(uid);
  }

  /** No token of this uid is good enough for a connection, although register hands one out. */
  distrust(uid: string, isDistrusted: boolean): void {
    if (isDistrusted) this.#distrusted.add(uid);
    else this.#distrusted.delete(uid);
  }

  /** For the connections of this uid, now and later. */
  setFraming(uid: string, framing: Framing): void {
    this.#framings.set(uid, framing);
    for (const connection of this.live(uid)) connection.link.framing = framing;
  }

  close(): void {
    for (const connection of this.#all) connection.link.terminate();
    this.#websockets.close();
  }

  #of(uid: string, deviceFlag: number): Connection[] {
    return this.live(uid).filter((connection) => connection.deviceFlag === deviceFlag);
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
