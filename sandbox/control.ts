/** What a test or the demo does to the servers: people talk, networks fail, and the ledger is waited for. */

import type { DmworkServer } from "./dmwork.ts";
import type { DmworkSay } from "./dmwork/say.ts";
import type { HttpFault } from "./http-faults.ts";
import { stringifyExact } from "./json.ts";
import type { Ledger, LedgerEntry, LedgerQuestion, WaitOptions } from "./ledger.ts";
import type { MochatServer } from "./mochat.ts";
import type { MochatSay } from "./mochat/say.ts";
import type { ModelServer } from "./model.ts";
import type { Damage } from "./wukong/delivery.ts";
import type { Framing } from "./wukong/link.ts";

export type Platform = "dmwork" | "mochat";

/** The platform, and the bot (a uid) or agent (a user id) on it. */
export interface Target {
  on: Platform;
  /** Everyone when left out. */
  who?: string | undefined;
}

export type Say = ({ on: "dmwork" } & DmworkSay) | ({ on: "mochat" } & MochatSay);

/** How to reach a Mochat message: its session or panel, and its id. */
export type MochatMessage = Pick<MochatSay, "session" | "panel"> & { messageId: string };

export class Control {
  readonly #dmwork: DmworkServer;
  readonly #mochat: MochatServer;
  readonly #model: ModelServer;
  readonly #ledger: Ledger;

  constructor(dmwork: DmworkServer, mochat: MochatServer, model: ModelServer, ledger: Ledger) {
    this.#dmwork = dmwork;
    this.#mochat = mochat;
    this.#model = model;
    this.#ledger = ledger;
  }

  /** Returns the message's id as text. */
  say(what: Say): { messageId: string } {
    const { messageId } = what.on === "dmwork" ? this.#dmwork.say(what) : this.#mochat.say(what);
    return { messageId: String(messageId) };
  }

  /** The author takes a Mochat message back. */
  recall(message: MochatMessage): void {
    this.#mochat.recall(message, message.messageId);
  }

  /** An administrator deletes a Mochat message. */
  remove(message: MochatMessage): void {
    this.#mochat.remove(message, message.messageId);
  }

  /** The platform's own way to throw a client out: DISCONNECT 12, or a disconnect by the Socket.IO server. */
  kick({ on, who }: Target): number {
    this.#fault(on, who, "kick");
    return on === "dmwork" ? this.#dmwork.hub.kick(who) : this.#mochat.realtime.kick(who);
  }

  /** Resets the connections without a word; the client may come back at once. */
  drop({ on, who }: Target): number {
    this.#fault(on, who, "drop");
    return on === "dmwork" ? this.#dmwork.hub.disturb(who, "terminate") : this.#mochat.realtime.drop(who);
  }

  /** The connections stay established and nothing passes any more, in either direction. */
  halfOpen({ on, who }: Target): number {
    this.#fault(on, who, "half-open");
    return on === "dmwork" ? this.#dmwork.hub.disturb(who, "freeze") : this.#mochat.realtime.freeze(who);
  }

  /**
   * More ways in which a DMWork connection ends: a TCP reset, the closing handshake of WebSocket, an end within the next
   * packet.
   */
  end(how: "reset" | "close" | "sever", who?: string): number {
    this.#fault("dmwork", who, how);
    return this.#dmwork.hub.disturb(who, how);
  }

  /** The whole server is unreachable until it is restored on the same port. */
  async cut(on: Platform): Promise<void> {
    await this.#server(on).cut();
  }

  async restore(on: Platform): Promise<void> {
    await this.#server(on).restore();
  }

  /** No WebSocket reaches the Mochat server any more, or it does again. HTTP works all the time. */
  block(isBlocked = true): void {
    this.#fault("mochat", undefined, isBlocked ? "block" : "unblock");
    this.#mochat.realtime.block(isBlocked);
  }

  /** The Mochat server loses its queue of this session's or panel's events, and numbers them anew. */
  forgetEvents(where: Pick<MochatSay, "session" | "panel">): void {
    this.#fault("mochat", undefined, "forget events");
    this.#mochat.forgetEvents(where);
  }

  /** The next HTTP calls of a platform fail. */
  fail(on: Platform, fault: HttpFault): void {
    this.#ledger.record(on, "fault", "", "fail", fault);
    this.#server(on).faults.add(fault);
  }

  /** This Mochat agent may not write in panels, until it may again. */
  silence(userId: string, isSilenced = true): void {
    this.#fault("mochat", userId, isSilenced ? "silence" : "unsilence");
    const { silenced } = this.#mochat.exchange;
    if (isSilenced) silenced.add(userId);
    else silenced.delete(userId);
  }

  /** Somebody uploads a file to the Mochat server. Returns its URL as clients write it into a message. */
  upload(name: string, bytes: Buffer, contentType: string): string {
    return this.#mochat.files.put(name, bytes, contentType);
  }

  /** PINGs of this bot stay unanswered, or are answered again. */
  mutePongs(uid: string, isMuted = true): void {
    this.#fault("dmwork", uid, isMuted ? "mute pongs" : "unmute pongs");
    this.#dmwork.hub.mute(uid, isMuted);
  }

  /** The realtime endpoint refuses this bot's token, although register hands it out. */
  distrust(uid: string, isDistrusted = true): void {
    this.#fault("dmwork", uid, isDistrusted ? "distrust" : "trust again");
    this.#dmwork.hub.distrust(uid, isDistrusted);
  }

  /** Where `register` of DMWork says that the realtime endpoint is; without an address, where it is. */
  advertise(wsUrl?: string): void {
    this.#dmwork.advertise(wsUrl);
  }

  /** RECVACKs of this bot are lost on their way, or arrive again. */
  deafen(uid: string, isDeaf = true): void {
    this.#fault("dmwork", uid, isDeaf ? "deafen" : "hear again");
    this.#dmwork.hub.deafen(uid, isDeaf);
  }

  /** The next RECVs to this bot are damaged: a wrong msgKey, or a payload that is no ciphertext. */
  damage(uid: string, what: Damage, count = 1): void {
    this.#fault("dmwork", uid, `damage ${what}`);
    this.#dmwork.hub.damage(uid, what, count);
  }

  /** How this bot's packets become WebSocket messages from now on. */
  frame(uid: string, framing: Framing): void {
    this.#fault("dmwork", uid, `frame ${framing.kind}`);
    this.#dmwork.hub.setFraming(uid, framing);
  }

  /** Bytes as they are, in one WebSocket message: a broken packet, a stale CONNACK, anything. */
  sendRaw(uid: string, bytes: Buffer): number {
    this.#ledger.record("dmwork", "fault", uid, "raw", { bytes });
    const live = this.#dmwork.hub.live(uid);
    for (const connection of live) connection.link.write(bytes);
    return live.length;
  }

  /** An EVENT packet, as the server streams an answer to a message. It is neither stored nor acknowledged. */
  event(uid: string, eventType: string, data: Readonly<Record<string, unknown>>): number {
    const live = this.#dmwork.hub.live(uid);
    const bytes = Buffer.from(stringifyExact(data));
    const timestamp = BigInt(Date.now());
    for (const connection of live)
      connection.write({ kind: "EVENT", id: `e${timestamp}`, eventType, timestamp, data: bytes });
    return live.length;
  }

  /** Gives a DMWork bot a new token; the old one and the connection made with it stop working. */
  revoke(uid: string, token: string): void {
    this.#fault("dmwork", uid, "revoke");
    this.#dmwork.revoke(uid, token);
  }

  /** Sends every unacknowledged RECV of this bot again at once. */
  resend(uid: string): number {
    this.#fault("dmwork", uid, "resend");
    const live = this.#dmwork.hub.live(uid);
    for (const connection of live) connection.resends.resendNow();
    return live.length;
  }

  /** Lets the model's held answers of this name go on. */
  release(name: string): void {
    this.#model.release(name);
  }

  wait(question: LedgerQuestion, options?: WaitOptions): Promise<LedgerEntry> {
    return this.#ledger.waitFor(question, options);
  }

  #server(on: Platform): DmworkServer | MochatServer {
    return on === "dmwork" ? this.#dmwork : this.#mochat;
  }

  #fault(on: Platform, who: string | undefined, name: string): void {
    this.#ledger.record(on, "fault", who ?? "", name);
  }
}
