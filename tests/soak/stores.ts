/** How large the stores of accounts are, as another process sees them. */

import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Bytes of the largest store, and the messages in the one that has most. */
export type StoreSize = { store: number; entries: number };

export function largest(stores: readonly string[]): StoreSize {
  return { store: Math.max(...stores.map(sizeOf)), entries: Math.max(...stores.map(entriesOf)) };
}

/** With what is not yet moved into the file itself. */
function sizeOf(store: string): number {
  return ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(store + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function entriesOf(store: string): number {
  using db = new DatabaseSync(store, { readOnly: true });
  return Number(db.prepare("SELECT count(*) AS entries FROM entries").get()?.["entries"]);
}
