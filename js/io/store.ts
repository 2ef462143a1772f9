/** What must survive a restart: one SQLite file per account with its inbox and its notes. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { EntryId, NewEntry, Note, Outcome, StoredEntry } from "../core/protocol.ts";

/** Raised with each change of the tables. */
const SCHEMA_VERSION = 1;
/** A reader (`sqlite3`, a backup) may hold the file for a moment; longer would stall the gateway's event loop. */
const BUSY_TIMEOUT_MS = 2_000;
/** Platforms replay at most days; a month leaves room for a server restored from a backup. */
const TOMBSTONE_AGE_MS = 30 * 24 * 60 * 60 * 1_000;
/** Closed entries kept at most, whatever their age: about 2 MB. */
const TOMBSTONES = 20_000;
/** Commits between two prunings: rare enough to cost nothing, often enough to keep the bound. */
const COMMITS_PER_PRUNING = 500;

const SCHEMA = `
  CREATE TABLE entries (
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
  CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Another process (or another account of the same name) works with this store. */
export class StoreBusyError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} is in use by another gateway. Stop it, or give this one its own state directory.`, { cause });
    this.name = "StoreBusyError";
  }
}

/** What one transaction writes. */
export type Transaction = { entries: readonly NewEntry[]; notes: readonly Note[] };

export class Store implements Disposable {
  /** Where an unreadable predecessor of this file was put, if there was one. */
  readonly setAside: string | undefined;
  readonly #lock: DatabaseSync;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #insertEntry: StatementSync;
  readonly #insertNote: StatementSync;
  readonly #keep: StatementSync;
  readonly #resolve: StatementSync;
  #commits = 0;

  private constructor(lock: DatabaseSync, opened: Opened, now: () => number) {
    this.#lock = lock;
    this.#db = opened.db;
    this.setAside = opened.setAside;
    this.#now = now;
    // Not OR IGNORE: that would also swallow a violated NOT NULL. Only a known id is nothing to complain about.
    this.#insertEntry = this.#db.prepare(
      "INSERT INTO entries (id, place, record, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    );
    this.#insertNote = this.#db.prepare(
      "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#keep = this.#db.prepare("UPDATE entries SET standing = 'kept' WHERE id = ? AND standing = 'open'");
    // The body goes: a tombstone only has to recognise its message.
    this.#resolve = this.#db.prepare(
      `UPDATE entries SET standing = 'done', record = '', verdict = ?, reason = ?, resolved_at = ?
       WHERE id = ? AND standing <> 'done'`,
    );
  }

  /** Opens or creates the store. Throws `StoreBusyError` if somebody else has it. */
  static open(path: string, now: () => number = Date.now): Store {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    chmodSync(dirname(path), 0o700);
    const lock = acquire(path);
    try {
      const store = new Store(lock, openOrSetAside(path, now), now);
      store.#prune();
      return store;
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** Writes everything or nothing, and returns the ids that were new. */
  commit({ entries, notes }: Transaction): EntryId[] {
    const fresh = this.#transaction(() => {
      const inserted = entries.filter(
        ({ id, place, record, receivedAt }) => this.#insertEntry.run(id, place, record, receivedAt).changes === 1,
      );
      for (const { key, value } of notes) this.#insertNote.run(key, value);
      return inserted.map(({ id }) => id);
    });
    this.#commits += 1;
    if (this.#commits % COMMITS_PER_PRUNING === 0) this.#prune();
    return fresh;
  }

  /** Marks entries as context: still unresolved, never judged again. */
  keep(ids: readonly EntryId[]): void {
    this.#transaction(() => {
      for (const id of ids) this.#keep.run(id);
    });
  }

  /** Closes entries for good; one that is closed already keeps its first outcome. */
  resolve(ids: readonly EntryId[], { verdict, reason }: Outcome): void {
    this.#transaction(() => {
      for (const id of ids) this.#resolve.run(verdict, reason, this.#now(), id);
    });
  }

  /** Everything not closed, in the order of its commits. */
  unresolved(): StoredEntry[] {
    const rows = this.#db
      .prepare("SELECT id, record, received_at, standing FROM entries WHERE standing <> 'done' ORDER BY seq")
      .all();
    return rows.map((row) => ({
      id: String(row["id"]),
      record: String(row["record"]),
      receivedAt: Number(row["received_at"]),
      kept: row["standing"] === "kept",
    }));
  }

  notes(): Note[] {
    const rows = this.#db.prepare("SELECT key, value FROM notes ORDER BY key").all();
    return rows.map((row) => ({ key: String(row["key"]), value: String(row["value"]) }));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
    if (this.#lock.isOpen) this.#lock.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prune(): void {
    this.#db
      .prepare(
        `DELETE FROM entries WHERE standing = 'done' AND (resolved_at < ? OR seq <= (
           SELECT seq FROM entries WHERE standing = 'done' ORDER BY seq DESC LIMIT 1 OFFSET ?))`,
      )
      .run(this.#now() - TOMBSTONE_AGE_MS, TOMBSTONES);
  }

  #transaction<T>(write: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = write();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself; a second ROLLBACK would hide the first error.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

type Opened = { db: DatabaseSync; setAside: string | undefined };

/**
 * Takes the account's lock: an exclusive transaction, never ended, on a second, empty database. The kernel drops it
 * when the process dies, however it dies, so no lock is ever stale; and the store itself stays readable for others.
 */
function acquire(path: string): DatabaseSync {
  const lock = openPrivate(`${path}.lock`, 0);
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw new StoreBusyError(path, error);
  }
}

function openOrSetAside(path: string, now: () => number): Opened {
  try {
    return { db: openChecked(path), setAside: undefined };
  } catch (error) {
    if (!isCorruption(error)) throw error;
    // Never deleted: somebody may want to look for messages in it.
    const setAside = `${path}.corrupt-${new Date(now()).toISOString().replaceAll(":", "")}`;
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(path + suffix)) renameSync(path + suffix, setAside + suffix);
    }
    return { db: openChecked(path), setAside };
  }
}

function openChecked(path: string): DatabaseSync {
  const db = openPrivate(path, BUSY_TIMEOUT_MS);
  try {
    // WAL with NORMAL survives every death of the process; only a power cut can lose the last commits, never the file.
    // FULL would buy those with an fsync per message in the gateway's event loop.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    const check = db.prepare("PRAGMA quick_check(1)").get();
    if (check?.["quick_check"] !== "ok") throw new CorruptStoreError(path);
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new Error(`${path} was written by a newer version of this plugin (schema ${version}). Update the plugin.`);
  }
  db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

/**
 * SQLite gives `-wal` and `-shm` the mode of the main file, so the main file has to exist with ours first. A file that
 * exists is not opened to find out: closing it again would drop every lock that this process holds on it.
 */
function openPrivate(path: string, timeout: number): DatabaseSync {
  if (!existsSync(path)) closeSync(openSync(path, "ax", 0o600));
  chmodSync(path, 0o600);
  return new DatabaseSync(path, { timeout });
}

class CorruptStoreError extends Error {
  constructor(path: string) {
    super(`${path} is damaged`);
    this.name = "CorruptStoreError";
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB; the upper bits tell variants apart. */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function isCorruption(error: unknown): boolean {
  if (error instanceof CorruptStoreError) return true;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  return code === CORRUPT || code === NOT_A_DATABASE;
}
