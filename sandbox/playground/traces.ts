/**
 * What the bots decided, read out of their stores beside the running gateway by the code behind `openclaw <channel> why`.
 * Nothing here judges: a message is looked at again for as long as something can still happen to it.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { aboutOf, inWords } from "../../js/cli/report.ts";
import { isOver as isTurnOver } from "../../js/cli/steps.ts";
import { Paths, readPath, type MessagePath } from "../../js/io/lookup.ts";
import type { Chat } from "./chat.ts";
import type { ChatMessage, Trace } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";
import type { BotIdentity } from "./world.ts";

/** How often the stores are asked whether somebody has written: a step is seen as it happens, and costs nearly nothing. */
const LOOK_MS = 100;
/** The gateway may send a last text after its turn has ended; later steps are an operator's. */
const LINGER_MS = 10_000;
/** Messages that a store is looked at for; one that a bot never gets to hear would be looked for without end. */
const MOST_WATCHED = 3_000;
/** Traces that are remembered for pages that come later; the oldest go first. */
const MOST_TRACES = 10_000;

/** The settings that decide something, exactly: known to whoever knows the configuration. */
export type SettingsOf = (bot: string, room: string, path: MessagePath, configKey: string | null) => string[];

interface Watched {
  readonly room: string;
  /** As it was seen last, as text. */
  seen: string;
  /** Since when nothing more is expected. */
  overSince: number | undefined;
}

export class Traces implements Disposable {
  /** Called with each trace, and again whenever it has changed. */
  readonly listeners = new Set<(trace: Trace) => void>();
  readonly #stores: readonly Store[];
  readonly #traces = new Map<string, Trace>();
  readonly #settingsOf: SettingsOf;
  readonly #timer: NodeJS.Timeout;

  /** `stateDir` is that of the gateway; its stores may come later. */
  constructor(rooms: Rooms, chat: Chat, stateDir: () => string | undefined, settingsOf: SettingsOf) {
    this.#settingsOf = settingsOf;
    this.#stores = rooms.bots.map((bot) => new Store(bot, stateDir));
    chat.listeners.add((message) => this.#expect(rooms, message));
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  get(bot: string, messageId: string): Trace | undefined {
    return this.#traces.get(`${bot} ${messageId}`);
  }

  all(): Trace[] {
    return [...this.#traces.values()];
  }

  /** The latest so many, oldest first. */
  latest(count: number): Trace[] {
    return this.all().slice(-count);
  }

  /** What `openclaw <platform> why <id>` prints. */
  why(bot: BotIdentity, messageId: string): string | undefined {
    const file = this.#stores.find((store) => store.bot === bot)?.file;
    const path = file === undefined || !existsSync(file) ? undefined : readPath(file, { id: messageId });
    return path === undefined ? undefined : inWords(bot.platform, { account: bot.id, path });
  }

  /** Reads what has changed, now. */
  look(): void {
    for (const store of this.#stores) {
      for (const [room, path] of store.changed()) this.#show(store.bot, room, path);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const store of this.#stores) store[Symbol.dispose]();
  }

  /** Every bot of the room that did not write it itself will hear it. */
  #expect(rooms: Rooms, { id, room, from }: ChatMessage): void {
    const hearers = rooms.get(room)?.bots.filter((bot) => bot !== from) ?? [];
    for (const store of this.#stores) if (hearers.includes(store.bot.id)) store.expect(id, room);
  }

  #show({ id: bot }: BotIdentity, room: string, path: MessagePath): void {
    const about = aboutOf(path);
    const [configKey, sentence, fix] = [about?.configKey ?? null, about?.sentence ?? null, about?.fix ?? null];
    const settings = this.#settingsOf(bot, room, path, configKey);
    const trace = { bot, room, path, sentence, fix, configKey, settings, isOver: isOver(path) };
    this.#traces.set(`${bot} ${path.id}`, trace);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size > MOST_TRACES && oldest !== undefined) this.#traces.delete(oldest);
    for (const listener of this.listeners) listener(trace);
  }
}

/** Nothing more is expected to happen by itself. */
export function isOver({ standing, turn }: MessagePath): boolean {
  if (standing === "kept") return true;
  if (standing !== "done") return false;
  return turn === null || isTurnOver(turn) || (turn.adoptedAt === null && turn.endedAt !== null);
}

/** The store of one bot, and the messages that it is looked at for. */
class Store implements Disposable {
  readonly bot: BotIdentity;
  readonly #stateDir: () => string | undefined;
  readonly #watched = new Map<string, Watched>();
  #paths: { readonly file: string; readonly reader: Paths } | undefined;
  #version = -1;

  constructor(bot: BotIdentity, stateDir: () => string | undefined) {
    this.bot = bot;
    this.#stateDir = stateDir;
  }

  get file(): string | undefined {
    const stateDir = this.#stateDir();
    if (stateDir === undefined) return undefined;
    return join(stateDir, "plugins-data", "openclaw-mochat-dmwork", this.bot.platform, `${this.bot.id}.sqlite`);
  }

  expect(id: string, room: string): void {
    // A changed message may change its path again: a recall takes it out of the context.
    this.#watched.set(id, { room, seen: this.#watched.get(id)?.seen ?? "", overSince: undefined });
    const [oldest] = this.#watched.keys();
    if (this.#watched.size > MOST_WATCHED && oldest !== undefined) this.#watched.delete(oldest);
  }

  /** The paths that are new or other than before. */
  changed(): [room: string, path: MessagePath][] {
    try {
      return this.#read();
    } catch (error) {
      // The gateway has just made the file, or holds it for a moment; the next look comes soon.
      if (!isSqlite(error)) throw error;
      this[Symbol.dispose]();
      return [];
    }
  }

  #read(): [room: string, path: MessagePath][] {
    const reader = this.#open();
    if (reader === undefined) return [];
    const { version } = reader;
    if (version === this.#version) return [];
    this.#version = version;
    const now = Date.now();
    const changed: [string, MessagePath][] = [];
    for (const [id, watched] of this.#watched) {
      const path = reader.read({ id });
      if (path === undefined) continue;
      const seen = JSON.stringify(path);
      if (seen !== watched.seen) changed.push([watched.room, path]);
      watched.seen = seen;
      this.#settle(id, watched, path, now);
    }
    return changed;
  }

  /** Context stays watched until its question comes; there is little of it, as each place keeps only so much. */
  #settle(id: string, watched: Watched, path: MessagePath, now: number): void {
    if (path.standing === "kept" || !isOver(path)) watched.overSince = undefined;
    else watched.overSince ??= now;
    if (watched.overSince !== undefined && now - watched.overSince > LINGER_MS) this.#watched.delete(id);
  }

  #open(): Paths | undefined {
    const { file } = this;
    if (file === undefined || !existsSync(file)) return undefined;
    if (this.#paths?.file !== file) {
      this[Symbol.dispose]();
      this.#paths = { file, reader: new Paths(file) };
    }
    return this.#paths?.reader;
  }

  [Symbol.dispose](): void {
    this.#paths?.reader[Symbol.dispose]();
    this.#paths = undefined;
    this.#version = -1;
  }
}

function isSqlite(error: unknown): boolean {
  return error instanceof Error && ("errcode" in error || error.message.includes("older version of this plugin"));
}
