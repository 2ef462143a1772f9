/** What `why` prints. */
import type { Channel } from "../core/account.ts";
import type { Reason } from "../core/protocol.ts";
import { REASONS, type About } from "../core/reasons.ts";
import type { MessagePath } from "../io/lookup.ts";
import { clock, day, isOver, stepsOf } from "./steps.ts";
import type { Found } from "./why.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** For people: the steps, then what came of it. */
export function inWords(channel: Channel, { account, path }: Found): string {
  const steps = stepsOf(path).map(({ at, text }) => {
    const date = day(at) === day(path.receivedAt) ? "" : `${day(at)} `;
    return { moment: `${date}${clock(at)}`, span: since(Math.max(0, at - path.receivedAt)), text };
  });
  const widest = (column: "moment" | "span") => Math.max(...steps.map((cells) => cells[column].length));
  const [moments, spans] = [widest("moment"), widest("span")];
  const lines = steps.map(
    ({ moment, span, text }) => `  ${moment.padStart(moments)}  ${span.padStart(spans)}  ${text}`,
  );
  const about = aboutOf(path);
  return [
    `${channel} account ${account}, message ${path.id}, ${day(path.receivedAt)}`,
    "",
    ...lines,
    "",
    conclusion(path, about),
    ...(path.detail === null ? [] : [`The gateway's word: ${path.detail}`]),
    ...(about?.configKey ? [`Setting: ${about.configKey} (in channels.${channel}.accounts.${account})`] : []),
    ...(about?.fix ? [`What to do: ${about.fix}`] : []),
  ].join("\n");
}

/** For programs; documented in docs/WHY.md. */
export function asJson(channel: Channel, found: readonly Found[]): string {
  const messages = found.map(({ account, path }) => {
    const about = aboutOf(path);
    const why = { sentence: about?.sentence ?? null, configKey: about?.configKey ?? null, fix: about?.fix ?? null };
    return { account, ...path, ...why };
  });
  return JSON.stringify({ channel, messages }, null, 2);
}

/** An error in the same shape. */
export function errorAsJson(channel: Channel, error: string): string {
  return JSON.stringify({ channel, messages: [], error }, null, 2);
}

/** What there is to say about the outcome of a message. */
export function aboutOf({ reason }: MessagePath): About | undefined {
  return reason !== null && isReason(reason) ? REASONS[reason] : undefined;
}

/** A store may have been written by a version that knew other reasons. */
function isReason(code: string): code is Reason {
  return Object.hasOwn(REASONS, code);
}

function conclusion(path: MessagePath, about: About | undefined): string {
  const because = about?.sentence ?? "";
  if (path.standing === "kept") return `Kept as context for the next question there (${path.reason}). ${because}`;
  if (path.standing === "open") return `Open: ${pending(path)}`;
  return `Ended as ${path.verdict} (${path.reason}). ${because}${silence(path)}`;
}

function pending({ judgedAt, turn, waitUntil }: MessagePath): string {
  if (turn?.deferredAt && turn.deferredAt >= (turn.offeredAt ?? 0)) return "the gateway has it in its queue.";
  if (turn) return "the gateway has not taken it over yet; it is offered again.";
  if (waitUntil !== null) return "it waits for a quiet moment, to be answered together with others.";
  return judgedAt === null
    ? "the gateway has not said yet whether the sender may speak."
    : "its turn comes when there is room for it.";
}

/** An answer that nobody saw is what people ask about. */
function silence({ verdict, turn }: MessagePath): string {
  if (verdict !== "answer" || !turn?.adoptedAt) return "";
  if (turn.sends.some(({ messageIds }) => messageIds.length > 0)) return "";
  if (turn.sends.length > 0) return " No part of the reply could be sent.";
  if (!isOver(turn)) return " No reply has been sent yet.";
  // The gateway sends the reply to a queued turn as one to the turn before, and nothing tells them apart.
  if (turn.deferredAt !== null && turn.error === null)
    return " Its reply is counted for the message that it waited for.";
  return turn.error === null ? " The agent sent no reply to it." : " The gateway could not finish it.";
}

function since(span: number): string {
  if (span < SECOND) return `+${span} ms`;
  if (span < MINUTE) return `+${(span / SECOND).toFixed(1)} s`;
  if (span < HOUR) return `+${Math.floor(span / MINUTE)} min ${Math.floor((span % MINUTE) / SECOND)} s`;
  return `+${Math.floor(span / HOUR)} h ${Math.floor((span % HOUR) / MINUTE)} min`;
}
