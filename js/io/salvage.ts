/** What a damaged store still tells: mostly a part of it is wrong, and the rest says what was heard and what is open. */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

type Row = Record<string, SQLOutputValue>;

/** Copies into an empty store what can be read of a damaged one: how far each place was read, and the messages. */
export function salvage(damaged: string, into: DatabaseSync): void {
  attempt(() => {
    using from = new DatabaseSync(damaged, { readOnly: true });
    copy(from, into, "notes", "key");
    copy(from, into, "notes", "key DESC");
    copy(from, into, "entries", "seq");
    copy(from, into, "entries", "seq DESC");
  });
}

/** From one end up to where the damage is; what was read from the other end is there already. */
function copy(from: DatabaseSync, into: DatabaseSync, table: string, order: string): void {
  attempt(() => {
    for (const row of from.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).iterate())
      attempt(() => insert(into, table, row));
  });
}

/** A row that the tables don't take is part of the damage. */
function insert(into: DatabaseSync, table: string, row: Row): void {
  const columns = Object.keys(row);
  const places = columns.map(() => "?").join(", ");
  into.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`).run(...Object.values(row));
}

/** What can't be read is what is lost; the file that is set aside has it. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
