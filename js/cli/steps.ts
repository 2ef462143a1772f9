/** The path of a message as steps that a person can read. */
import type { MessagePath, Send, TurnPath } from "../io/lookup.ts";

export type Step = { at: number; text: string };

export function stepsOf(path: MessagePath): Step[] {
  const steps = [
    step(path.receivedAt, `received in ${path.place}`),
    step(path.committedAt, "committed to disk"),
    step(path.repeatedAt, `came again ${times(path.repeats)}; known, so nothing was done`),
    step(path.replayedAt, "was a dead letter; tried again by the operator's wish"),
    ...judgement(path),
    ...(path.turn ? turnSteps(path, path.turn) : []),
  ];
  // Stable: what happened in the same millisecond keeps this order.
  return steps.flat().toSorted((one, other) => one.at - other.at);
}

function step(at: number | null, text: string): Step[] {
  return at === null ? [] : [{ at, text }];
}

function judgement({ judgedAt, closedAt, verdict, reason, waitUntil, waitedUntil, turn }: MessagePath): Step[] {
  // What is dismissed or refused is judged and closed at once.
  const at = judgedAt ?? (turn ? null : closedAt);
  const wait = waitUntil === null ? "" : `; waits for quiet until ${clock(waitUntil)}`;
  const longer = waitedUntil !== null && waitedUntil !== waitUntil ? `, put off until ${clock(waitedUntil)}` : "";
  return [
    ...step(at, `judged: ${verdict} (${reason})${wait}${longer}`),
    ...(judgedAt !== null && verdict !== "answer" && !turn ? step(closedAt, `closed (${reason})`) : []),
  ];
}

function turnSteps(path: MessagePath, turn: TurnPath): Step[] {
  const others = turn.messages > 1 ? `, ${turn.messages} messages in it` : "";
  const role = path.verdict === "remember" ? "went as context with" : "became";
  const offers = turn.offers > 1 ? `, offer ${turn.offers}` : "";
  return [
    step(turn.offeredAt, `${role} turn ${turn.id}${others}; offered to the gateway${offers}`),
    step(turn.deferredAt, "queued by the gateway behind a running turn"),
    step(turn.adoptedAt, "taken over by the gateway: the agent works on it"),
    turn.sends.map(sendStep),
    ...endOf(turn),
  ].flat();
}

/** Whether the agent has ended its work. A dispatch can also come back earlier: in vain, or because the turn is queued. */
export function isOver({ adoptedAt, endedAt }: TurnPath): boolean {
  return endedAt !== null && adoptedAt !== null && endedAt >= adoptedAt;
}

function endOf(turn: TurnPath): Step[][] {
  const { endedAt, error, deferredAt } = turn;
  const because = error === null ? "" : `: ${error}`;
  if (isOver(turn)) return [step(endedAt, `turn ended${because}`)];
  if (error !== null) return [step(endedAt, `given back by the gateway${because}`)];
  return [deferredAt === null ? step(endedAt, "dealt with by the gateway") : []];
}

function sendStep({ at, messageIds, error }: Send): Step {
  const ids = messageIds.join(", ");
  if (error === undefined) return { at, text: `reply sent as message ${ids}` };
  return { at, text: ids ? `reply sent in part, as message ${ids}: ${error}` : `reply not sent: ${error}` };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times, the last time now`;
}

/** Local time to the millisecond. */
export function clock(at: number): string {
  const date = new Date(at);
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
}

/** The local day. */
export function day(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
