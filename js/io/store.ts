/** What must survive a restart: one SQLite file per account with its inbox and its notes. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EntryId, NewEntry, Note, Outcome, StoredEntry } from "../core/protocol.ts";
import { openDatabase, type Opened } from "./database.ts";
import { IS_DEAD } from "./dead-letters.ts";
import { failPoint } from "./fail-points.ts";
import { tallyOf, type Tally } from "./tally.ts";
import { Trail, type DatedFact } from "./trail.ts";

/** Platforms replay at most days; a month leaves room for a server restored from a backup. */
const TOMBSTONE_AGE_MS = 30 * 24 * 60 * 60 * 1_000;
/** Closed entries kept at most, whatever their age: about 5 MB. */
const TOMBSTONES = 20_000;
/** Commits between two prunings: rare enough to cost nothing, often enough to keep the bound. */
const COMMITS_PER_PRUNING = 500;

/** What a closed entry was before. */
const WAS_CONTEXT = "iif(verdict = 'remember', 'kept', 'open')";

const STORED = `id, record, received_at, adoptions, entrusted,
  iif(entrusted IS NULL, standing, ${WAS_CONTEXT}) AS standing`;

/** What one transaction writes. */
export type Transaction = { entries: readonly NewEntry[]; notes: readonly Note[] };

/** What there is to say about an outcome, where there is something. */
export type Circumstances = {
  turn?: EntryId | undefined;
  detail?: string | undefined;
  /** The gateway has taken the turn over: the record stays until it is released. */
  entrusted?: boolean | undefined;
};

export class Store implements Disposable {
  /** Where an unreadable predecessor of this file was put, if there was one. */
  readonly setAside: string | undefined;
  readonly #opened: Opened;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #trail: Trail;
  readonly #insertEntry: StatementSync;
  readonly #repeat: StatementSync;
  readonly #insertNote: StatementSync;
  readonly #dropNote: StatementSync;
  readonly #read: StatementSync;
  readonly #keep: StatementSync;
  readonly #reopen: StatementSync;
  readonly #reclaim: StatementSync;
  readonly #release: StatementSync;
  readonly #resolve: StatementSync;
  readonly #askedFor: StatementSync;
  readonly #revive: StatementSync;
  #commits = 0;

  private constructor(opened: Opened, now: () => number) {
    this.#opened = opened;
    this.#db = opened.db;
    this.setAside = opened.setAside;
    this.#now = now;
    this.#trail = new Trail(opened.db);
    // Not OR IGNORE: that would also swallow a violated NOT NULL. Only a known id is nothing to complain about.
    this.#insertEntry = this.#db.prepare(
      `INSERT INTO entries (id, place, record, received_at, committed_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#repeat = this.#db.prepare("UPDATE entries SET repeats = repeats + 1, repeated_at = ? WHERE id = ?");
    this.#insertNote = this.#db.prepare(
      "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#dropNote = this.#db.prepare("DELETE FROM notes WHERE key = ?");
    this.#read = this.#db.prepare(`SELECT ${STORED} FROM entries WHERE id = ? AND standing <> 'done'`);
    this.#keep = this.#db.prepare("UPDATE entries SET standing = 'kept' WHERE id = ? AND standing = 'open'");
    this.#reopen = this.#db.prepare(
      "UPDATE entries SET standing = 'open', record = ? WHERE id = ? AND standing <> 'done'",
    );
    this.#reclaim = this.#db.prepare(
      `UPDATE entries SET standing = ${WAS_CONTEXT}, entrusted = NULL, resolved_at = NULL
       WHERE id = ? AND entrusted IS NOT NULL`,
    );
    this.#release = this.#db.prepare(
      "UPDATE entries SET record = '', entrusted = NULL WHERE id = ? AND entrusted IS NOT NULL",
    );
    // The body goes: a tombstone only has to recognise its message. That of a dead letter stays, to be tried again, and that
    // of a turn that the gateway has not ended.
    this.#resolve = this.#db.prepare(
      `UPDATE entries SET standing = 'done', record = iif(?1 = 'fail' OR ?2 = 1, record, ''), verdict = ?1, reason = ?3,
         resolved_at = ?4, turn = coalesce(?5, turn), detail = ?6,
         entrusted = iif(?2 = 1, ?5, NULL), adoptions = adoptions + ?2
       WHERE id = ?7 AND standing <> 'done'`,
    );
    this.#askedFor = this.#db.prepare("SELECT id FROM entries WHERE replay_asked_at IS NOT NULL ORDER BY seq");
    this.#revive = this.#db.prepare(
      `UPDATE entries SET standing = 'open', verdict = NULL, reason = NULL, resolved_at = NULL, detail = NULL,
         judged_at = NULL, wait_until = NULL, turn = NULL, offers = 0, offered_at = NULL, deferred_at = NULL,
         ended_at = NULL, error = NULL, replay_asked_at = NULL, replayed_at = ?
       WHERE id = ? AND ${IS_DEAD}`,
    );
  }

  /** Opens or creates the store. Throws `StoreBusyError` if somebody else has it. */
  static open(path: string, now: () => number = Date.now): Store {
    const opened = openDatabase(path, now);
    try {
      const store = new Store(opened, now);
      store.#prune();
      return store;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Writes everything or nothing, and returns the ids that were new. */
  commit({ entries, notes }: Transaction): EntryId[] {
    return this.together(() => {
      const at = this.#now();
      const inserted = entries.filter(({ id, place, record, receivedAt }) => {
        const isNew = this.#insertEntry.run(id, place, record, receivedAt, at).changes === 1;
        if (!isNew) this.#repeat.run(at, id);
        return isNew;
      });
      for (const { key, value } of notes) {
        if (value === "") this.#dropNote.run(key);
        else this.#insertNote.run(key, value);
      }
      this.#commits += 1;
      if (this.#commits % COMMITS_PER_PRUNING === 0) this.#prune();
      failPoint("commit.during");
      return inserted.map(({ id }) => id);
    });
  }

  /** Marks entries as context: still unresolved, never judged again. */
  keep(ids: readonly EntryId[]): void {
    this.together(() => {
      for (const id of ids) this.#keep.run(id);
    });
  }

  /** Writes entries anew that are not closed: they are to be judged again. */
  reopen(entries: readonly NewEntry[]): void {
    this.together(() => {
      for (const { id, record } of entries) this.#reopen.run(record, id);
    });
  }

  /** Takes entries back that the gateway was entrusted with: open, or context, as before. */
  reclaim(ids: readonly EntryId[]): void {
    this.together(() => {
      for (const id of ids) this.#reclaim.run(id);
    });
  }

  /** Drops the records of entries that the gateway was entrusted with. */
  release(ids: readonly EntryId[]): void {
    this.together(() => {
      for (const id of ids) this.#release.run(id);
    });
  }

  /** Closes entries for good; one that is closed already keeps its first outcome. */
  resolve(ids: readonly EntryId[], { verdict, reason }: Outcome, circumstances: Circumstances = {}): void {
    const { turn = null, detail = null, entrusted = false } = circumstances;
    this.together(() => {
      const at = this.#now();
      for (const id of ids) this.#resolve.run(verdict, Number(entrusted), reason, at, turn, detail, id);
      failPoint("resolve.during");
    });
  }

  /** Opens the dead letters that the operator wants tried again, and returns them in the order of their commits. */
  revive(): StoredEntry[] {
    const asked = this.#askedFor.all().map(({ id }) => String(id));
    if (asked.length === 0) return [];
    return this.together(() => {
      const at = this.#now();
      for (const id of asked) this.#revive.run(at, id);
      return this.read(asked);
    });
  }

  /** Writes down what happened to messages. */
  note(facts: readonly DatedFact[]): void {
    this.together(() => {
      for (const fact of facts) this.#trail.write(fact);
    });
  }

  /** Everything not closed, and what the gateway was entrusted with, in the order of their commits. */
  unresolved(): StoredEntry[] {
    const rows = this.#db
      .prepare(`SELECT ${STORED} FROM entries WHERE standing <> 'done' OR entrusted IS NOT NULL ORDER BY seq`)
      .all();
    return rows.map(storedEntry);
  }

  /** Those of these entries that are not closed. */
  read(ids: readonly EntryId[]): StoredEntry[] {
    return ids.flatMap((id) => this.#read.all(id).map(storedEntry));
  }

  /** How its messages stand. */
  tally(): Tally {
    return tallyOf(this.#db);
  }

  notes(): Note[] {
    const rows = this.#db.prepare("SELECT key, value FROM notes ORDER BY key").all();
    return rows.map((row) => ({ key: String(row["key"]), value: String(row["value"]) }));
  }

  close(): void {
    this.#opened.close();
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

  /** Makes one transaction of several writes. */
  together<T>(write: () => T): T {
    if (this.#db.isTransaction) return write();
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

function storedEntry(row: Record<string, SQLOutputValue>): StoredEntry {
  return {
    id: String(row["id"]),
    record: String(row["record"]),
    receivedAt: Number(row["received_at"]),
    kept: row["standing"] === "kept",
    adoptions: Number(row["adoptions"]),
    ...(row["entrusted"] === null ? {} : { entrusted: String(row["entrusted"]) }),
  };
}
