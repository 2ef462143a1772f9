/** What happened to a message after its commit, written down for whoever asks why. Nothing depends on it. */
import type { DatabaseSync } from "node:sqlite";
import type { EntryId, Outcome } from "../core/protocol.ts";

/** A step on the path of a message, or of the turn that it became. A turn's id is that of its last message. */
export type Fact =
  | { kind: "judged"; entry: EntryId; outcome: Outcome; until?: number | undefined }
  | { kind: "offered"; turn: EntryId; entries: readonly EntryId[] }
  | { kind: "deferred" | "adopted"; turn: EntryId }
  | { kind: "ended"; turn: EntryId; error?: string | undefined }
  | { kind: "sent"; turn: EntryId; messageIds: readonly string[]; error?: string | undefined };

export type DatedFact = Fact & { at: number };

/** Texts of one turn that are remembered; an agent that sends more is known well enough by then. */
const MOST_SENDS = 100;
/** An error as it is kept: enough to recognise it. */
const MOST_ERROR = 200;

export class Trail {
  readonly #judged;
  readonly #joined;
  readonly #offered;
  readonly #deferred;
  readonly #adopted;
  readonly #ended;
  readonly #sent;

  constructor(db: DatabaseSync) {
    // What is closed has its outcome: a late judgement changes nothing about it.
    this.#judged = db.prepare(
      "UPDATE entries SET judged_at = ?, verdict = ?, reason = ?, wait_until = ? WHERE id = ? AND standing <> 'done'",
    );
    this.#joined = db.prepare("UPDATE entries SET turn = ? WHERE id = ?");
    this.#offered = db.prepare("UPDATE entries SET turn = id, offers = offers + 1, offered_at = ? WHERE id = ?");
    this.#deferred = db.prepare("UPDATE entries SET deferred_at = ? WHERE id = ?");
    this.#adopted = db.prepare("UPDATE entries SET adopted_at = ? WHERE id = ?");
    this.#ended = db.prepare("UPDATE entries SET ended_at = ?, error = ? WHERE id = ?");
    this.#sent = db.prepare(
      `UPDATE entries SET sends = json_insert(coalesce(sends, '[]'), '$[#]', json(?))
       WHERE id = ? AND coalesce(json_array_length(sends), 0) < ${MOST_SENDS}`,
    );
  }

  write(fact: DatedFact): void {
    const { at } = fact;
    switch (fact.kind) {
      case "judged":
        this.#judged.run(at, fact.outcome.verdict, fact.outcome.reason, fact.until ?? null, fact.entry);
        return;
      case "offered":
        for (const entry of fact.entries) if (entry !== fact.turn) this.#joined.run(fact.turn, entry);
        this.#offered.run(at, fact.turn);
        return;
      case "deferred":
        this.#deferred.run(at, fact.turn);
        return;
      case "adopted":
        this.#adopted.run(at, fact.turn);
        return;
      case "ended":
        this.#ended.run(at, shortened(fact.error) ?? null, fact.turn);
        return;
      case "sent": {
        const { messageIds, error } = fact;
        this.#sent.run(JSON.stringify({ at, messageIds, error: shortened(error) }), fact.turn);
        return;
      }
    }
  }
}

function shortened(error: string | undefined): string | undefined {
  return error !== undefined && error.length > MOST_ERROR ? `${error.slice(0, MOST_ERROR)}…` : error;
}
