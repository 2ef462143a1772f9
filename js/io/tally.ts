/** How the messages of an account stand, counted in its store: a restart forgets none of it. */
import type { DatabaseSync } from "node:sqlite";
import { IS_DEAD } from "./dead-letters.ts";

export type Tally = {
  /** Messages whose turn the gateway has not taken over, and those of them that it keeps in a queue of its own. */
  waiting: { messages: number; deferred: number };
  deadLetters: number;
  /** Messages that got no turn, by the reason's code, the most frequent first; as far as the store remembers them. */
  dropped: Record<string, number>;
};

/** What concerns a turn stands with its last message, and is that of its last offer. */
const WAITING = `
  SELECT count(*) AS messages, coalesce(sum(turns.deferred_at >= turns.offered_at), 0) AS deferred
  FROM entries LEFT JOIN entries AS turns ON turns.id = entries.turn
  WHERE entries.standing = 'open' AND coalesce(turns.adopted_at < turns.offered_at, TRUE)`;
/** A bot hears itself all day. */
const DROPPED = `
  SELECT reason, count(*) AS messages FROM entries
  WHERE standing = 'done' AND verdict = 'ignore' AND reason <> 'own-message'
  GROUP BY reason ORDER BY messages DESC, reason`;

export function tallyOf(db: DatabaseSync): Tally {
  const waiting = db.prepare(WAITING).get();
  const dead = db.prepare(`SELECT count(*) AS messages FROM entries WHERE ${IS_DEAD}`).get();
  const dropped = db.prepare(DROPPED).all();
  return {
    waiting: { messages: Number(waiting?.["messages"]), deferred: Number(waiting?.["deferred"]) },
    deadLetters: Number(dead?.["messages"]),
    dropped: Object.fromEntries(dropped.map(({ reason, messages }) => [String(reason), Number(messages)])),
  };
}
