/** The store as the drive uses it: what the disk refuses is tried again with the next write. */
import type { EntryId, NewEntry, Note, Outcome, StoredEntry } from "../core/protocol.ts";
import { isCorruption } from "../io/database.ts";
import { failPoint } from "../io/fail-points.ts";
import type { Circumstances, Store, Transaction } from "../io/store.ts";
import type { DatedFact, Fact } from "../io/trail.ts";

/**
 * How long a fact may wait for a write that it can ride on. One transaction a second costs nothing; and a death of the
 * process loses no more than a second of what is only for reading.
 */
const FACTS_WAIT_MS = 1_000;
/** Facts that wait while the disk refuses; beyond that the oldest go. */
const MOST_FACTS = 1_000;

export class Ledger {
  readonly #store: Store;
  readonly #complain: (text: string) => void;
  /** The file is damaged: nothing that is tried again will ever be taken. */
  readonly #broken: (error: unknown) => void;
  /**
   * Refused writes, in order. Bounded by the unresolved entries: a disk that refuses these takes no new ones either.
   */
  readonly #overdue: (() => void)[] = [];
  readonly #facts: DatedFact[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store, complain: (text: string) => void, broken: (error: unknown) => void) {
    this.#store = store;
    this.#complain = complain;
    this.#broken = broken;
  }

  /** Throws if the transaction is not on disk. */
  commit(transaction: Transaction): EntryId[] {
    this.catchUp();
    return this.#attempt(() => this.#store.commit(transaction));
  }

  /** What a core begins with. Throws if the store can't be read. */
  stored(): { entries: StoredEntry[]; notes: Note[] } {
    return this.#attempt(() => ({ entries: this.#store.unresolved(), notes: this.#store.notes() }));
  }

  /** Throws if the store can't be read, or has yet to take the write that would bring one of these back. */
  read(entries: EntryId[]): StoredEntry[] {
    this.catchUp();
    const found = this.#attempt(() => this.#store.read(entries));
    if (found.length < entries.length && this.#overdue.length > 0) throw new Error("what waits is not on disk yet");
    return found;
  }

  /** Opens the dead letters that the operator wants tried again. What can't be read now is found the next time. */
  revive(): StoredEntry[] {
    try {
      return this.#attempt(() => this.#store.revive());
    } catch (error) {
      this.#complain(`store: ${String(error)}; dead letters are looked for again later`);
      return [];
    }
  }

  keep(entries: EntryId[]): void {
    this.#put(() => this.#store.keep(entries));
  }

  reopen(entries: NewEntry[]): void {
    this.#put(() => this.#store.reopen(entries));
  }

  reclaim(entries: EntryId[]): void {
    this.#put(() => this.#store.reclaim(entries));
  }

  release(entries: EntryId[]): void {
    this.#put(() => this.#store.release(entries));
  }

  resolve(entries: EntryId[], outcome: Outcome, circumstances: Circumstances): void {
    failPoint("resolve.before");
    this.#put(() => this.#store.resolve(entries, outcome, circumstances));
    failPoint("resolve.after");
  }

  /** Takes a fact, to be written with the next outcome or in a moment. */
  jot(fact: Fact): void {
    // A turn may end after its account was stopped.
    if (this.#closed) return;
    if (this.#facts.length >= MOST_FACTS) this.#facts.shift();
    this.#facts.push({ ...fact, at: Date.now() });
    this.#timer ??= setTimeout(() => this.#writeFacts(), FACTS_WAIT_MS).unref();
  }

  /** Writes what is overdue, up to the first write that fails. */
  catchUp(): void {
    for (let write = this.#overdue[0]; write; write = this.#overdue[0]) {
      try {
        this.#attempt(write);
      } catch (error) {
        if (isTheDisks(error)) {
          this.#complain(`store: ${String(error)}; ${this.#overdue.length} writes wait for the next attempt`);
          return;
        }
        // A write that no disk would take must not keep all others waiting.
        this.#complain(`store: a write is left out: ${String(error)}`);
      }
      this.#overdue.shift();
    }
  }

  /** Writes what waits. Afterwards nothing is taken any more. */
  close(): void {
    this.#writeFacts();
    this.#closed = true;
  }

  #writeFacts(): void {
    this.#forgetTimer();
    this.catchUp();
    // While the disk refuses, the facts wait where their number is bounded.
    if (this.#facts.length > 0 && this.#overdue.length === 0) this.#put(() => {});
  }

  /** A write about an outcome, together with the facts that led to it. */
  #put(write: () => void): void {
    this.#forgetTimer();
    const facts = this.#facts.splice(0);
    this.#overdue.push(() =>
      this.#store.together(() => {
        this.#store.note(facts);
        write();
      }),
    );
    this.catchUp();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isCorruption(error)) this.#broken(error);
      throw error;
    }
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** SQLite says so with a number; anything else is our own mistake. */
function isTheDisks(error: unknown): boolean {
  return error instanceof Error && "errcode" in error;
}
