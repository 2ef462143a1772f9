/** The file under a store: private, checked, of the right version, and held by one process only. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { salvage } from "./salvage.ts";
import { migrate } from "./schema.ts";

/** A reader (`sqlite3`, a backup) may hold the file for a moment; longer would stall the gateway's event loop. */
const BUSY_TIMEOUT_MS = 2_000;

/** Another process (or another account of the same name) works with this store. */
export class StoreBusyError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} is in use by another gateway. Stop it, or give this one its own state directory.`, { cause });
    this.name = "StoreBusyError";
  }
}

export type Opened = {
  db: DatabaseSync;
  /** Where an unreadable predecessor was put, if there was one. */
  setAside: string | undefined;
  /** Closes the file and lets go of it; a second call does nothing. */
  close(): void;
};

/** Opens or creates the file. Throws `StoreBusyError` if somebody else has it. */
export function openDatabase(path: string, now: () => number): Opened {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  const lock = acquire(path);
  try {
    const { db, setAside } = openOrSetAside(path, now);
    return { db, setAside, close: () => closeAll(db, lock) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** The lock goes last: whoever gets it must find the file closed. */
function closeAll(...databases: DatabaseSync[]): void {
  for (const database of databases) if (database.isOpen) database.close();
}

/**
 * Takes the account's lock: an exclusive transaction, never ended, on a second, empty database. The kernel drops it
 * when the process dies, however it dies, so no lock is ever stale; and the store itself stays readable for others.
 */
function acquire(path: string): DatabaseSync {
  const lock = openPrivate(`${path}.lock`, 0);
  try {
    // Nothing is ever written, so there is nothing to roll back from a file.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw new StoreBusyError(path, error);
  }
}

function openOrSetAside(path: string, now: () => number): Pick<Opened, "db" | "setAside"> {
  try {
    return { db: openChecked(path), setAside: undefined };
  } catch (error) {
    if (!isCorruption(error)) throw error;
    // Never deleted: somebody may want to look for messages in it.
    const setAside = `${path}.corrupt-${new Date(now()).toISOString().replaceAll(":", "")}`;
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(path + suffix)) renameSync(path + suffix, setAside + suffix);
    }
    const db = openChecked(path);
    salvage(setAside, db);
    return { db, setAside };
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

/** Whether the file itself is damaged: it is set aside when it is opened the next time. */
export function isCorruption(error: unknown): boolean {
  if (error instanceof CorruptStoreError) return true;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  return code === CORRUPT || code === NOT_A_DATABASE;
}
