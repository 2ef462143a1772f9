/** Messages that failed for good, for the operator: read and marked beside the gateway that may be at work on the file. */
import { DatabaseSync } from "node:sqlite";
import type { EntryId } from "../core/protocol.ts";
import { expectCurrent } from "./schema.ts";

/** Closed as failed, by the core's word, and not forgotten. */
export const IS_DEAD = "standing = 'done' AND verdict = 'fail' AND record <> ''";

/** The gateway writes for milliseconds at a time. */
const BUSY_TIMEOUT_MS = 5_000;

/** Moments are milliseconds since the Unix epoch. */
export type DeadLetter = {
  id: EntryId;
  place: string;
  /** The sender's id on the platform, and the name that came with the message; `null` if the record is not readable. */
  sender: string | null;
  senderName: string | null;
  receivedAt: number;
  failedAt: number;
  reason: string;
  /** How often the gateway was offered its turn. */
  tries: number;
  /** Of the last try, or the gateway's word on a sender whom it could not judge. */
  error: string | null;
  /** When the operator asked for another try, unless it has begun. */
  replayAskedAt: number | null;
};

/** Which: one by its id, or all. */
export type Which = { id: EntryId } | "all";

type Row = Record<string, unknown>;

/** All of one store, oldest first. Throws if there is no file, or one of another version. */
export function deadLetters(file: string): DeadLetter[] {
  using db = new DatabaseSync(file, { readOnly: true });
  expectCurrent(db, file);
  // What concerns a turn stands with the turn's last message.
  const rows = db.prepare(
    `SELECT dead.*, turns.offers AS tries, coalesce(turns.error, dead.detail) AS last_error
     FROM (SELECT * FROM entries WHERE ${IS_DEAD}) AS dead LEFT JOIN entries AS turns ON turns.id = dead.turn
     ORDER BY dead.seq`,
  );
  return rows.all().map(letterOf);
}

/** Asks the account to try them again: a running one finds the mark, any other at its start. Returns how many there are. */
export function askForReplay(file: string, which: Which, now: number): number {
  return change(file, which, "replay_asked_at = ?", now);
}

/** Forgets them: what is left is a tombstone as of any other message. Returns how many there were. */
export function drop(file: string, which: Which): number {
  return change(file, which, "record = '', replay_asked_at = NULL");
}

function change(file: string, which: Which, what: string, ...values: number[]): number {
  using db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  expectCurrent(db, file);
  const write = `UPDATE entries SET ${what} WHERE ${IS_DEAD}`;
  const done =
    which === "all" ? db.prepare(write).run(...values) : db.prepare(`${write} AND id = ?`).run(...values, which.id);
  return Number(done.changes);
}

function letterOf(row: Row): DeadLetter {
  const { id, name } = senderOf(String(row["record"]));
  return {
    id: String(row["id"]),
    place: String(row["place"]),
    sender: text(id),
    senderName: text(name),
    receivedAt: Number(row["received_at"]),
    failedAt: Number(row["resolved_at"]),
    reason: String(row["reason"]),
    tries: Number(row["tries"] ?? 0),
    error: text(row["last_error"]),
    replayAskedAt: typeof row["replay_asked_at"] === "number" ? row["replay_asked_at"] : null,
  };
}

/** A record that is not readable may be just why the message failed. */
function senderOf(record: string): { id?: unknown; name?: unknown } {
  try {
    const message: unknown = JSON.parse(record);
    const sender: unknown = message instanceof Object && "sender" in message ? message.sender : undefined;
    return sender instanceof Object ? sender : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
