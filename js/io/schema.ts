/** The tables of a store, version by version. */
import type { DatabaseSync } from "node:sqlite";

/** Each brings the tables from the version of its index to the next; never changed once it was released. */
const MIGRATIONS = [
  `CREATE TABLE entries (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     place TEXT NOT NULL,
     record TEXT NOT NULL,
     received_at INTEGER NOT NULL,
     standing TEXT NOT NULL DEFAULT 'open' CHECK (standing IN ('open', 'kept', 'done')),
     verdict TEXT,
     reason TEXT,
     resolved_at INTEGER
   ) STRICT;
   CREATE INDEX entries_unresolved ON entries (seq) WHERE standing <> 'done';
   CREATE INDEX entries_done ON entries (resolved_at) WHERE standing = 'done';
   CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  // The path of a message. What concerns a turn stands with the turn's last message, whose id is that of the turn.
  `ALTER TABLE entries ADD COLUMN committed_at INTEGER;
   ALTER TABLE entries ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE entries ADD COLUMN repeated_at INTEGER;
   ALTER TABLE entries ADD COLUMN judged_at INTEGER;
   ALTER TABLE entries ADD COLUMN wait_until INTEGER;
   ALTER TABLE entries ADD COLUMN detail TEXT;
   ALTER TABLE entries ADD COLUMN turn TEXT;
   ALTER TABLE entries ADD COLUMN offers INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE entries ADD COLUMN offered_at INTEGER;
   ALTER TABLE entries ADD COLUMN deferred_at INTEGER;
   ALTER TABLE entries ADD COLUMN adopted_at INTEGER;
   ALTER TABLE entries ADD COLUMN ended_at INTEGER;
   ALTER TABLE entries ADD COLUMN error TEXT;
   ALTER TABLE entries ADD COLUMN sends TEXT;`,
  // Dead letters are closed entries that keep their record; the operator asks for them in another process.
  `ALTER TABLE entries ADD COLUMN replay_asked_at INTEGER;
   ALTER TABLE entries ADD COLUMN replayed_at INTEGER;
   CREATE INDEX entries_asked_for ON entries (seq) WHERE replay_asked_at IS NOT NULL;`,
  // Closed entries whose turn the gateway has taken over keep their record until it is over: the id of that turn.
  `ALTER TABLE entries ADD COLUMN entrusted TEXT;
   ALTER TABLE entries ADD COLUMN adoptions INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX entries_entrusted ON entries (seq) WHERE entrusted IS NOT NULL;`,
];

/** Brings the tables up to date, all or nothing. Throws if they are from a newer version. */
export function migrate(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  refuseNewer(version, path);
  if (version === MIGRATIONS.length) return;
  const missing = MIGRATIONS.slice(version).join("\n");
  db.exec(`BEGIN; ${missing} PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
}

/** For a reader, which changes nothing: throws unless the tables are those of this version. */
export function expectCurrent(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  refuseNewer(version, path);
  if (version === MIGRATIONS.length) return;
  throw new Error(`${path} was last used by an older version of this plugin. Restart the gateway, which updates it.`);
}

function refuseNewer(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return;
  throw new Error(`${path} was written by a newer version of this plugin (schema ${version}). Update the plugin.`);
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
