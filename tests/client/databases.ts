/** The databases that this process has open, by their files: SQLite keeps some limits for each connection alone. */

import { realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

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
