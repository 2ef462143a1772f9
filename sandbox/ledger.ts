/** What happened, in order: every connection, packet, event and call of every server, and a way to wait for it. */

import { toJsonObject, type JsonObject } from "./json.ts";

export const serverNames = ["dmwork", "mochat", "model", "storage"] as const;
export type ServerName = (typeof serverNames)[number];

/**
 * `connect` and `disconnect` are authenticated realtime links; `received` and `sent` are packets or socket events; `http` is
 * one finished call; `fault` is something that the control API did on purpose.
 */
export const entryKinds = ["connect", "disconnect", "received", "sent", "http", "fault"] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface LedgerEntry {
  /** Counts from 1 over all servers. */
  readonly n: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly server: ServerName;
  readonly kind: EntryKind;
  /** The bot, agent or user on the other side; empty when unknown. */
  readonly who: string;
  /** `RECV`, `POST /v1/bot/typing`, `claw.session.events`… */
  readonly name: string;
  readonly data: JsonObject;
}

/** Every given field must be equal; `contains` looks into the entry's data as JSON text. */
export interface LedgerFilter {
  server?: ServerName | undefined;
  kind?: EntryKind | undefined;
  who?: string | undefined;
  name?: string | undefined;
  contains?: string | undefined;
}

export type LedgerQuestion = LedgerFilter | ((entry: LedgerEntry) => boolean);

export interface WaitOptions {
  /** Only entries after this number count. */
  since?: number | undefined;
  /** Resolve with the count-th match; 1 by default. */
  count?: number | undefined;
  deadlineMs?: number | undefined;
}

/** Long enough for a loaded machine, short enough that a hung test says so itself. */
const DEFAULT_DEADLINE_MS = 30_000;

/** The newest entries that are kept at least, and twice that at most: a demo that runs for days must not grow. */
const MAX_ENTRIES = 50_000;

/**
 * Whether something is written down; what is not is counted only. A run of a hundred thousand messages would spend more time
 * on its ledger than on its messages.
 */
export type Keep = (kind: EntryKind, name: string, data: object) => boolean;

/** How much of the past a failed wait shows. */
const SHOWN_ON_TIMEOUT = 15;

export class Ledger {
  #entries: LedgerEntry[] = [];
  #last = 0;
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();
  readonly #counts = new Map<string, number>();
  /** Set to keep only a part. */
  keep: Keep = () => true;

  record(server: ServerName, kind: EntryKind, who: string, name: string, data: object = {}): LedgerEntry | undefined {
    this.#last += 1;
    const counted = `${kind} ${name}`;
    this.#counts.set(counted, this.count(kind, name) + 1);
    if (!this.keep(kind, name, data)) return undefined;
    const entry = { n: this.#last, at: Date.now(), server, kind, who, name, data: toJsonObject(data) };
    this.#entries.push(entry);
    // In one cut of many: taking the first of fifty thousand away moves all others.
    if (this.#entries.length >= 2 * MAX_ENTRIES) this.#entries = this.#entries.slice(-MAX_ENTRIES);
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  /** How often this was recorded, whether it was kept or not. */
  count(kind: EntryKind, name: string): number {
    return this.#counts.get(`${kind} ${name}`) ?? 0;
  }

  /** The number of the newest entry: a mark to give to `since`. */
  get last(): number {
    return this.#last;
  }

  entries(since = 0): LedgerEntry[] {
    return this.#entries.filter((entry) => entry.n > since);
  }

  find(question: LedgerQuestion, since = 0): LedgerEntry[] {
    const matches = asPredicate(question);
    return this.entries(since).filter(matches);
  }

  /** Calls back on every new entry until the returned function is called. */
  watch(listener: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with the count-th matching entry, whether it is there already or still to come. */
  async waitFor(question: LedgerQuestion, options: WaitOptions = {}): Promise<LedgerEntry> {
    const { since = 0, count = 1 } = options;
    let found: LedgerEntry | undefined;
    await this.until(() => (found = this.find(question, since)[count - 1]) !== undefined, options.deadlineMs, question);
    if (found === undefined) throw new Error("the wait ended without its entry");
    return found;
  }

  /** Resolves once the condition holds; it is asked now and after each new entry, never by a clock. */
  until(condition: () => boolean, deadlineMs = DEFAULT_DEADLINE_MS, asked: LedgerQuestion = condition): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.watch(() => {
        if (!condition()) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`not seen in ${deadlineMs} ms: ${describe(asked)}\n${this.#tail()}`));
      }, deadlineMs);
    });
  }

  #tail(): string {
    const lines = this.#entries.slice(-SHOWN_ON_TIMEOUT).map(({ n, server, kind, who, name, data }) => {
      return `  ${n} ${server} ${kind} ${who} ${name} ${JSON.stringify(data).slice(0, 200)}`;
    });
    return `the ledger ends with:\n${lines.join("\n")}`;
  }
}

export function asPredicate(question: LedgerQuestion): (entry: LedgerEntry) => boolean {
  if (typeof question === "function") return question;
  const { server, kind, who, name, contains } = question;
  return (entry) =>
    fits(server, entry.server) &&
    fits(kind, entry.kind) &&
    fits(who, entry.who) &&
    fits(name, entry.name) &&
    (contains === undefined || JSON.stringify(entry.data).includes(contains));
}

function fits(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || wanted === actual;
}

function describe(question: LedgerQuestion): string {
  return typeof question === "function" ? question.toString() : JSON.stringify(question);
}
