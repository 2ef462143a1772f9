/**
 * Counts what became of everything that people said. Whether a bot owes an answer is the word of its store; whether it has
 * given one is seen in the room. A question with a name (`ask:q7`) is answered by its name (`told:q7`) and nothing else.
 */

import type { Chat } from "./chat.ts";
import type { ChatMessage, Counters as Counts, Trace } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";
import { people } from "./world.ts";
import type { Traces } from "./traces.ts";

/**
 * A share that is missing this long after everything is up and still is lost: longer than any pause before a retry while
 * the gateway runs, on a busy machine.
 */
const QUIET_MS = 90_000;
const COUNT_MS = 500;
/**
 * A bot that listens for the first time in its life first looks at what there is: all of that is context at most, and it owes
 * nothing of it. After this long it has its marks on disk, and what is said from then on counts.
 */
const FIRST_LOOK_MS = 3_000;
const MOST_BLEMISHES = 20;

const NAMED = /\bask:(q\d+)/g;
const TOLD = /\btold:(q\d+)/g;

/** A bot's part in a message of a person. */
interface Share {
  readonly bot: string;
  readonly message: ChatMessage;
}

/** Since when the gateway is ready and this bot connected; nothing while it is not. */
export type UpSince = (bot: string) => number | undefined;

export class Counters implements Disposable {
  readonly listeners = new Set<(counters: Counts) => void>();
  readonly #chat: Chat;
  readonly #traces: Traces;
  readonly #upSince: UpSince;
  readonly #isScripted: boolean;
  readonly #bots: number;
  /** Shares of which something is still expected; the others are only counted. */
  readonly #open = new Map<string, Share>();
  readonly #settled = { heard: 0, owed: 0, answered: 0 };
  /** Bots that have listened before. */
  readonly #attentive = new Set<string>();
  readonly #said = new Set<string>();
  /** How often each named question was answered, by bot. */
  readonly #told = new Map<string, Set<string>>();
  /** When each bot wrote last in a room. */
  readonly #wrote = new Map<string, number>();
  readonly #twice = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  /** What was told last, as text. */
  #shown = "";
  #changedAt = Date.now();

  constructor(rooms: Rooms, chat: Chat, traces: Traces, upSince: UpSince, isScripted: boolean) {
    this.#chat = chat;
    this.#traces = traces;
    this.#upSince = upSince;
    this.#isScripted = isScripted;
    this.#bots = rooms.bots.length;
    chat.listeners.add((message) => this.#read(rooms, message));
    traces.listeners.add((trace) => this.#see(trace));
    this.#timer = setInterval(() => {
      for (const { id } of rooms.bots)
        if (Date.now() - (upSince(id) ?? Infinity) > FIRST_LOOK_MS) this.#attentive.add(id);
      this.#tell();
    }, COUNT_MS);
  }

  /** Whether everybody has listened before. */
  get isEverybodyAttentive(): boolean {
    return this.#attentive.size === this.#bots;
  }

  get counts(): Counts {
    return this.#count();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #read(rooms: Rooms, message: ChatMessage): void {
    const { id, room, from, text, isEdited } = message;
    this.#changedAt = Date.now();
    if (people.some((person) => person.id === from)) {
      if (this.#said.has(id)) return;
      this.#said.add(id);
      const bots = rooms.get(room)?.bots.filter((bot) => this.#attentive.has(bot)) ?? [];
      for (const bot of bots) this.#open.set(`${bot} ${id}`, { bot, message });
      return;
    }
    if (!isEdited) this.#wrote.set(`${from} ${room}`, message.at);
    for (const [, name = ""] of text.matchAll(TOLD)) {
      const key = `${from} ${name}`;
      const posts = this.#told.get(key) ?? new Set();
      this.#told.set(key, posts.add(id));
      // A message that grows says it again under its own id.
      if (posts.size > 1) this.#twice.set(key, `${from} answered ${name} ${posts.size} times in ${room}`);
    }
  }

  /** A turn that said the same words in two messages has answered twice. */
  #see({ bot, room, path: { turn } }: Trace): void {
    this.#changedAt = Date.now();
    if (turn === null || turn.sends.length < 2) return;
    const posts = new Set(turn.sends.flatMap(({ messageIds }) => messageIds));
    const texts = [...posts].flatMap((id) => this.#chat.get(id)?.text ?? []);
    if (new Set(texts).size < texts.length) {
      this.#twice.set(`${bot} ${turn.id}`, `${bot} said the same twice in ${room}, as its answer to ${turn.id}`);
    }
  }

  #tell(): void {
    const counts = this.#count();
    const shown = JSON.stringify(counts);
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const listener of this.listeners) listener(counts);
  }

  #count(): Counts {
    const open = { heard: 0, owed: 0, waiting: 0 };
    const lost: string[] = [];
    for (const [key, share] of this.#open) {
      const trace = this.#traces.get(share.bot, share.message.id);
      const isOwed = trace !== undefined && isOwing(trace);
      const isAnswered = isOwed && this.#isAnswered(share, trace);
      if (isAnswered || (trace !== undefined && !isOwed && trace.isOver)) {
        this.#settled.heard += 1;
        this.#settled.owed += Number(isOwed);
        this.#settled.answered += Number(isAnswered);
        this.#open.delete(key);
        continue;
      }
      open.heard += Number(trace !== undefined);
      open.owed += Number(isOwed);
      if (this.#isLost(share, trace)) lost.push(describe(share, trace));
      else open.waiting += 1;
    }
    return {
      said: this.#said.size,
      heard: this.#settled.heard + open.heard,
      owed: this.#settled.owed + open.owed,
      answered: this.#settled.answered,
      waiting: open.waiting,
      lost: lost.length,
      twice: this.#twice.size,
      blemishes: [...lost, ...this.#twice.values()].slice(-MOST_BLEMISHES),
    };
  }

  #isAnswered({ bot, message }: Share, { path: { turn } }: Trace): boolean {
    const names = [...message.text.matchAll(NAMED)].map(([, name = ""]) => name);
    if (this.#isScripted && names.length > 0) return names.every((name) => this.#told.has(`${bot} ${name}`));
    if (turn === null) return false;
    if (turn.sends.some(({ messageIds }) => messageIds.some((id) => this.#chat.get(id) !== undefined))) return true;
    if (turn.endedAt === null || turn.error !== null) return false;
    // A command, which the gateway deals with by itself.
    if (turn.adoptedAt === null) return turn.deferredAt === null;
    // The gateway sends the reply to a turn that it queued as one to the turn before.
    if (turn.deferredAt !== null) return (this.#wrote.get(`${bot} ${message.room}`) ?? 0) >= turn.adoptedAt;
    // A real model may have nothing to say; the scripted one always has.
    return !this.#isScripted;
  }

  /** Nothing moves any more, everything is up, and still it is not there. */
  #isLost({ bot, message }: Share, trace: Trace | undefined): boolean {
    const up = this.#upSince(bot);
    if (up === undefined) return false;
    if (Date.now() - Math.max(up, message.at, this.#changedAt) < QUIET_MS) return false;
    return trace === undefined || trace.path.verdict === "fail" || (isOwing(trace) && trace.isOver);
  }
}

/** A dead letter is an answer that was owed. */
function isOwing({ path: { verdict } }: Trace): boolean {
  return verdict === "answer" || verdict === "fail";
}

function describe({ bot, message: { id, room } }: Share, trace: Trace | undefined): string {
  if (trace === undefined) return `${bot} never got message ${id} of ${room}`;
  const error = trace.path.turn?.sends.findLast((send) => send.error !== undefined)?.error;
  if (error !== undefined) return `${bot} could not send its answer to message ${id} of ${room}: ${error}`;
  return `${bot} never answered message ${id} of ${room}`;
}
