/** The store as the drive uses it: what the disk refuses is tried again with the next write. */
import type { EntryId, NewEntry, Outcome } from "../core/protocol.ts";
import type { Store, Transaction } from "../io/store.ts";

export class Ledger {
  readonly #store: Store;
  readonly #complain: (text: string) => void;
  /**
   * Refused writes, in order. Bounded by the unresolved entries: a disk that refuses these takes no new ones either.
   */
  readonly #overdue: (() => void)[] = [];

  constructor(store: Store, complain: (text: string) => void) {
    this.#store = store;
    this.#complain = complain;
  }

  /** Throws if the transaction is not on disk. */
  commit(transaction: Transaction): EntryId[] {
    this.catchUp();
    return this.#store.commit(transaction);
  }

  keep(entries: EntryId[]): void {
    this.#overdue.push(() => this.#store.keep(entries));
    this.catchUp();
  }

  reopen(entries: NewEntry[]): void {
    this.#overdue.push(() => this.#store.reopen(entries));
    this.catchUp();
  }

  resolve(entries: EntryId[], outcome: Outcome): void {
    this.#overdue.push(() => this.#store.resolve(entries, outcome));
    this.catchUp();
  }

  /** Writes what is overdue, up to the first write that fails. */
  catchUp(): void {
    for (let write = this.#overdue[0]; write; write = this.#overdue[0]) {
      try {
        write();
      } catch (error) {
        this.#complain(`store: ${String(error)}; ${this.#overdue.length} writes wait for the next attempt`);
        return;
      }
      this.#overdue.shift();
    }
  }
}
