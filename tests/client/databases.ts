/**
 * What goes wrong with databases. Those that this process has open are known by their files: SQLite keeps some limits for each
 * connection alone.
 */

import { closeSync, openSync, realpathSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export const PAGE = 4_096;

const known = new Map<string, DatabaseSync>();
const exec: DatabaseSync["exec"] = Reflect.get(DatabaseSync.prototype, "exec");

DatabaseSync.prototype.exec = function (sql) {
  const file = this.location();
  if (file !== null && sql.includes("journal_mode = WAL")) known.set(file, this);
  exec.call(this, sql);
};

/** The connection of the store in this file. */
export function opened(path: string): DatabaseSync {
  const database = known.get(realpathSync(path));
  if (!database) throw new Error(`${path} is not open`);
  return database;
}

/** Overwrites the indexes of a store, as a disk does that has lost some blocks; its tables are whole. */
export function damage(path: string): void {
  using other = new DatabaseSync(path);
  other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const indexes = other.prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND rootpage > 0").all();
  const file = openSync(path, "r+");
  for (const { rootpage } of indexes) writeSync(file, Buffer.alloc(PAGE, 0x5a), 0, PAGE, (Number(rootpage) - 1) * PAGE);
  closeSync(file);
}
