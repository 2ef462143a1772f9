/** A trace as the steps that a person watches: what has happened, what happens now, what is still to come. Pure. */

import type { Trace } from "../protocol.ts";

export type StepName = "received" | "committed" | "policy" | "delay" | "turn" | "part" | "delivered";
/** `skipped`: it was not needed; `ahead`: it is still to come, or never will. */
export type Standing = "done" | "now" | "ahead" | "skipped" | "failed";

export interface Step {
  readonly name: StepName;
  readonly standing: Standing;
  /** When it was reached, by the server's clock. */
  readonly at: number | null;
  /** How long after the message was received. */
  readonly after: number | null;
  /** How many texts this part is, or what else there is to count. */
  readonly count?: number;
  /** When a delay is over. */
  readonly until?: number;
  readonly error?: string;
}

/** What became of a message for one bot, in one word: `words.fates` has the texts. */
export type Fate =
  "received" | "judged" | "waiting" | "queued" | "answering" | "answered" | "remembered" | "ignored" | "failed";

/** All steps in their order, those ahead included while the message is open. */
export function stepsOf(trace: Trace, serverNow: number): Step[] {
  const { path } = trace;
  const step = stepper(path.receivedAt);
  const steps = [
    step("received", "done", path.receivedAt),
    step("committed", path.committedAt === null ? "now" : "done", path.committedAt),
  ];
  if (path.committedAt === null) return [...steps, step("policy", "ahead", null)];
  if (path.judgedAt === null) return [...steps, step("policy", trace.isOver ? "skipped" : "now", null)];
  steps.push(step("policy", path.verdict === "fail" ? "failed" : "done", path.judgedAt));
  if (path.verdict !== "answer" && path.turn === null) return steps;
  steps.push(delayOf(trace, serverNow), ...answerOf(trace, serverNow));
  return steps;
}

function stepper(receivedAt: number) {
  return (name: StepName, standing: Standing, at: number | null, more: Partial<Step> = {}): Step => {
    return { name, standing, at, after: at === null ? null : at - receivedAt, ...more };
  };
}

/** The wait for a quiet moment. `waitedUntil` is the place's: later messages put the answer off. */
function delayOf({ path, isOver }: Trace, serverNow: number): Step {
  const step = stepper(path.receivedAt);
  const until = path.waitedUntil ?? path.waitUntil;
  if (until === null) return step("delay", "skipped", null);
  const began = path.turn?.offeredAt ?? null;
  if (began !== null) return step("delay", "done", Math.min(until, began), { until });
  return step("delay", isOver ? "skipped" : until > serverNow ? "now" : "done", until, { until });
}

function answerOf(trace: Trace, serverNow: number): Step[] {
  const { path, isOver } = trace;
  const step = stepper(path.receivedAt);
  const turn = path.turn;
  const isWaiting = (path.waitedUntil ?? path.waitUntil ?? 0) > serverNow;
  const ahead = [step("part", "ahead", null), step("delivered", "ahead", null)];
  if (turn === null) {
    const standing = isOver ? "skipped" : isWaiting ? "ahead" : "now";
    return isOver ? [step("turn", standing, null)] : [step("turn", standing, null), ...ahead];
  }
  const began = turn.adoptedAt ?? turn.deferredAt ?? turn.offeredAt;
  const turnStanding = turn.error === null ? (turn.adoptedAt === null && !isOver ? "now" : "done") : "failed";
  const parts = turn.sends.map(({ at, messageIds, error }) =>
    step("part", error === undefined ? "done" : "failed", at, {
      count: messageIds.length,
      ...(error ? { error } : {}),
    }),
  );
  const about = { count: turn.messages, ...(turn.error === null ? {} : { error: turn.error }) };
  const steps = [step("turn", turnStanding, began, about), ...parts];
  if (!isOver) {
    const works: Standing = turnStanding === "done" ? "now" : "ahead";
    return parts.length > 0
      ? [...steps, step("delivered", works, null)]
      : [...steps, step("part", works, null), step("delivered", "ahead", null)];
  }
  if (turn.error !== null) return steps;
  const last = turn.sends.at(-1)?.at ?? null;
  return [...steps, step("delivered", "done", latest(last, turn.endedAt, path.closedAt))];
}

function latest(...moments: (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.max(...known);
}

export function fateOf(trace: Trace, serverNow: number): Fate {
  const { path, isOver } = trace;
  if (path.verdict === "fail") return "failed";
  if (path.verdict === "remember" && path.turn === null) return "remembered";
  if (path.verdict === "ignore") return "ignored";
  if (path.turn?.error) return "failed";
  if (path.turn !== null) {
    if (isOver || path.turn.sends.length > 0) return path.verdict === "answer" ? "answered" : "remembered";
    return path.turn.adoptedAt === null && path.turn.deferredAt !== null ? "queued" : "answering";
  }
  if (isOver) return path.verdict === "answer" ? "answered" : "ignored";
  if ((path.waitedUntil ?? path.waitUntil ?? 0) > serverNow) return "waiting";
  return path.judgedAt === null ? "received" : "judged";
}

/** Until when a message waits by the server's clock, if it does. */
export function waitsUntil({ path, isOver }: Trace): number | undefined {
  if (isOver || path.turn !== null || path.verdict === "ignore" || path.verdict === "remember") return undefined;
  return path.waitedUntil ?? path.waitUntil ?? undefined;
}
