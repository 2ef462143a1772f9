/** Reads the path of one message out of a store, beside the gateway that writes it. */
import { DatabaseSync } from "node:sqlite";
import type { EntryId } from "../core/protocol.ts";
import { expectCurrent } from "./schema.ts";

/** A text of the reply, or what became of it. */
export type Send = { at: number; messageIds: string[]; error?: string };

/** The turn that a message went with, as its question or as context. Times are those of the last offer. */
export type TurnPath = {
  id: EntryId;
  /** How many messages are in it, context included. */
  messages: number;
  offers: number;
  offeredAt: number | null;
  deferredAt: number | null;
  adoptedAt: number | null;
  endedAt: number | null;
  error: string | null;
  sends: Send[];
};

/** Moments are milliseconds since the Unix epoch, `null` where something has not happened. */
export type MessagePath = {
  id: EntryId;
  place: string;
  /** `open`: to be judged or answered; `kept` as context; `done`. */
  standing: string;
  verdict: string | null;
  reason: string | null;
  detail: string | null;
  receivedAt: number;
  committedAt: number | null;
  repeats: number;
  repeatedAt: number | null;
  judgedAt: number | null;
  /** Until when it was to wait when it came, and until when its place waits in the end. */
  waitUntil: number | null;
  waitedUntil: number | null;
  closedAt: number | null;
  /** When it was tried again as a dead letter. */
  replayedAt: number | null;
  turn: TurnPath | null;
};

/** Which message: one id, or the last that is not the bot's own. */
export type Wanted = { id: EntryId } | "last";

const OF_ONE = "SELECT * FROM entries WHERE id = ?";
/** A bot's own messages come back to it, and nobody asks about these. */
const OF_THE_LAST = "SELECT * FROM entries WHERE reason IS NOT 'own-message' ORDER BY seq DESC LIMIT 1";

type Row = Record<string, unknown>;

/** Throws if there is no file, or one of another version. */
export function readPath(file: string, wanted: Wanted): MessagePath | undefined {
  using paths = new Paths(file);
  return paths.read(wanted);
}

/** A store that is looked into again and again. */
export class Paths implements Disposable {
  readonly #db: DatabaseSync;

  /** Throws if there is no file, or one of another version. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file, { readOnly: true });
    try {
      expectCurrent(this.#db, file);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Another number as soon as somebody has written. */
  get version(): number {
    return Number(this.#db.prepare("PRAGMA data_version").get()?.["data_version"]);
  }

  read(wanted: Wanted): MessagePath | undefined {
    const row = wanted === "last" ? this.#db.prepare(OF_THE_LAST).get() : this.#db.prepare(OF_ONE).get(wanted.id);
    return row ? pathOf(this.#db, row) : undefined;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function pathOf(db: DatabaseSync, row: Row): MessagePath {
  const turn = text(row["turn"]);
  return {
    id: String(row["id"]),
    place: String(row["place"]),
    standing: String(row["standing"]),
    verdict: text(row["verdict"]),
    reason: text(row["reason"]),
    detail: text(row["detail"]),
    receivedAt: Number(row["received_at"]),
    committedAt: number(row["committed_at"]),
    repeats: Number(row["repeats"]),
    repeatedAt: number(row["repeated_at"]),
    judgedAt: number(row["judged_at"]),
    waitUntil: number(row["wait_until"]),
    waitedUntil: number(waitOf(db, row, turn)?.["until"]),
    closedAt: number(row["resolved_at"]),
    replayedAt: number(row["replayed_at"]),
    turn: turn === null ? null : turnOf(db, turn),
  };
}

/** Every message of a place that waits puts the answer off, so the last one's wait is that of all. */
function waitOf(db: DatabaseSync, row: Row, turn: string | null): Row | undefined {
  if (row["wait_until"] === null) return undefined;
  if (turn !== null) return db.prepare("SELECT max(wait_until) AS until FROM entries WHERE turn = ?").get(turn);
  return db
    .prepare("SELECT max(wait_until) AS until FROM entries WHERE standing <> 'done' AND turn IS NULL AND place = ?")
    .get(String(row["place"]));
}

function turnOf(db: DatabaseSync, id: string): TurnPath {
  const members = db.prepare("SELECT count(*) AS messages FROM entries WHERE turn = ?").get(id);
  const row = db.prepare(OF_ONE).get(id) ?? {};
  const sends: unknown = JSON.parse(text(row["sends"]) ?? "[]");
  return {
    id,
    messages: Number(members?.["messages"] ?? 0),
    offers: Number(row["offers"] ?? 0),
    offeredAt: number(row["offered_at"]),
    deferredAt: number(row["deferred_at"]),
    adoptedAt: number(row["adopted_at"]),
    endedAt: number(row["ended_at"]),
    error: text(row["error"]),
    sends: Array.isArray(sends) ? sends.filter(isSend) : [],
  };
}

function isSend(value: unknown): value is Send {
  return value instanceof Object && "at" in value && "messageIds" in value && Array.isArray(value.messageIds);
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
