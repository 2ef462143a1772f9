/** Judges by the journal: everything that was said becomes a turn once, in order, and every turn is answered once. */

import type { Channel as Platform } from "../../js/core/account.ts";
import type { Line, NotedTurn } from "./journal.ts";

/** By the fast clock. After this a message counts as late, from when it was said or its account was back. */
const LATE_MS = 20_000;

/** So long a live message waits for older ones of its place; a longer one is told out of order. */
const HOLD_MS = 15_000;

type Heard = { turn: string; at: number };

export class Audit {
  /** When a message was said, by its name. */
  readonly said = new Map<string, number>();
  readonly #heard = new Map<string, Heard>();
  /** The last number of each place. */
  readonly #last = new Map<string, number>();
  /** How long each message had been waited for when a later one of its place was heard. */
  readonly #overtakenAfter = new Map<string, number>();
  /** When each account was connected, and until when; the last connection lives on. */
  readonly #connected: Record<Platform, { from: number; to?: number }[]> = { dmwork: [], mochat: [] };
  readonly #adopted = new Map<string, NotedTurn>();
  /** Turns of which the plugin knows that they are the gateway's. */
  readonly #told = new Set<string>();
  readonly #replied = new Set<string>();
  readonly #failed = new Map<string, string>();
  readonly #forgotten = new Set<string>();
  readonly #resumed = new Set<string>();
  /** Replies that a death may have met while they were posted. */
  readonly #postedBefore = new Set<string>();
  readonly #replying = new Set<string>();
  /** Heard once more in a turn of its own, and between the gateway's note of its adoption and ours. */
  readonly twice: string[] = [];
  readonly twiceBetweenNotes: string[] = [];
  readonly disorder: string[] = [];
  /** The same where the machine was so busy that the account waited no longer. */
  readonly tardy: string[] = [];
  /** Context that was said behind the question that it came with: what arrives in one go is not told apart after a death. */
  readonly early: string[] = [];
  readonly late: string[] = [];
  slowestMs = 0;
  /** How often an account was connected. */
  ready = 0;
  readonly log: string[] = [];

  take(line: Line): void {
    switch (line.kind) {
      case "ready":
        this.ready += 1;
        this.#ended(line.account, line.at);
        this.#connected[line.account].push({ from: line.at });
        return;
      case "offered":
        return;
      case "adopted":
        return this.#hear(line, line.at);
      case "told":
        this.#told.add(line.turn);
        return;
      case "resumed":
        this.#resumed.add(line.turn);
        if (this.#replying.has(line.turn)) this.#postedBefore.add(line.turn);
        return;
      case "forgotten":
        this.#forgotten.add(line.turn);
        return;
      case "replying":
        this.#replying.add(line.turn);
        return;
      case "replied":
        this.#replied.add(line.turn);
        return;
      case "failed":
        this.#failed.set(line.turn, line.error);
        return;
      case "log":
        this.log.push(`${line.account}: ${line.text}`);
        return;
    }
  }

  /** The process is dead. */
  died(): void {
    this.#ended("dmwork", Date.now());
    this.#ended("mochat", Date.now());
  }

  #ended(account: Platform, at: number): void {
    const last = this.#connected[account].at(-1);
    if (last) last.to ??= at;
  }

  isHeard(name: string): boolean {
    return this.#heard.has(name);
  }

  get heard(): number {
    return this.#heard.size;
  }

  get turns(): number {
    return this.#adopted.size;
  }

  get resumed(): number {
    return this.#resumed.size;
  }

  get forgotten(): number {
    return this.#forgotten.size;
  }

  get failed(): string[] {
    return [...this.#failed].map(([turn, error]) => `${this.#adopted.get(turn)?.asked.join(" ")}: ${error}`);
  }

  get lost(): string[] {
    return [...this.said.keys()].filter((name) => !this.#heard.has(name));
  }

  /** Turns of which nobody said how their reply ended; those that the gateway forgot are none of it. */
  get open(): NotedTurn[] {
    const isOver = (turn: string) => this.#replied.has(turn) || this.#failed.has(turn) || this.#forgotten.has(turn);
    return [...this.#adopted].flatMap(([turn, noted]) => (isOver(turn) ? [] : [noted]));
  }

  /** Messages that were asked, and whose answer the server did not get. */
  unanswered(delivered: ReadonlySet<string>): string[] {
    const asked = [...this.#adopted].flatMap(([turn, noted]) => (this.#failed.has(turn) ? [] : noted.asked));
    return asked.filter((name) => !delivered.has(`told:${name}`));
  }

  /** Whether the gateway itself sent a reply again, of which it did not know whether it had been sent. */
  isRepeatedByGateway(name: string): boolean {
    const turns = [...this.#adopted.values()].filter(({ asked }) => asked.includes(name));
    return turns.some(({ turn }) => this.#postedBefore.has(turn));
  }

  #hear(turn: NotedTurn, at: number): void {
    this.#adopted.set(turn.turn, turn);
    for (const name of [...turn.context, ...turn.asked]) {
      const before = this.#heard.get(name);
      if (before) this.#again(name, before.turn, turn.turn);
      else this.#first(name, turn, at);
    }
  }

  #first(name: string, turn: NotedTurn, at: number): void {
    this.#heard.set(name, { turn: turn.turn, at });
    const isContext = turn.context.includes(name);
    if (isContext && numberOf(name) > numberOf(turn.asked[0])) return void this.early.push(name);
    this.#inOrder(name, turn.account, at);
    if (isContext) return;
    const backAt = this.#connected[turn.account].at(-1)?.from ?? 0;
    const tookMs = at - Math.max(this.said.get(name) ?? 0, backAt);
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (tookMs > LATE_MS) this.late.push(`${name}: ${tookMs} ms`);
  }

  #again(name: string, before: string, now: string): void {
    const words = `${name} in ${before} and ${now}`;
    if (this.#forgotten.has(before)) return;
    if (this.#told.has(before)) this.twice.push(words);
    else this.twiceBetweenNotes.push(words);
  }

  #inOrder(name: string, account: Platform, at: number): void {
    const [place = ""] = name.split("#");
    const [number, last] = [numberOf(name), this.#last.get(place) ?? 0];
    for (let passed = last + 1; passed < number; passed += 1) {
      const older = `${place}#${passed}`;
      this.#overtakenAfter.set(older, this.#waited(older, account, at));
    }
    this.#last.set(place, Math.max(last, number));
    if (number > last) return;
    const after = this.#overtakenAfter.get(name) ?? 0;
    const found = after > HOLD_MS ? this.tardy : this.disorder;
    found.push(`${name} after #${last}, which was told after ${after} ms in which it could be heard`);
  }

  /** The longest that the account was connected in one piece after it was said. */
  #waited(name: string, account: Platform, at: number): number {
    const said = this.said.get(name) ?? 0;
    const spans = this.#connected[account].map(({ from, to = at }) => to - Math.max(from, said));
    return Math.max(0, ...spans);
  }
}

function numberOf(name = ""): number {
  return Number(name.split("#")[1]);
}
