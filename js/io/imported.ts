/** What a store is given before its account runs for the first time. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Note } from "../core/protocol.ts";
import { expectCurrent } from "./schema.ts";
import { Store } from "./store.ts";

/** Whether an account has worked with this store, or it was given something already. Changes nothing. */
export function isUsed(file: string): boolean {
  if (!existsSync(file)) return false;
  using db = new DatabaseSync(file, { readOnly: true });
  expectCurrent(db, file);
  return db.prepare("SELECT 1 FROM notes UNION ALL SELECT 1 FROM entries LIMIT 1").get() !== undefined;
}

/** Takes back what a store was given. Answers whether it did: a store that was worked with since stays as it is. */
export function withdraw(file: string, notes: readonly Note[]): boolean {
  if (!existsSync(file)) return true;
  using store = Store.open(file);
  const given = new Map(notes.map(({ key, value }) => [key, value]));
  // An account notes more as soon as it is connected.
  if (!store.notes().every(({ key, value }) => given.get(key) === value)) return false;
  store.commit({ entries: [], notes: notes.map(({ key }) => ({ key, value: "" })) });
  return true;
}
