/** Answers that the agent had finished when the gateway died: they stand in its transcript, and the gateway withholds them. */
import type { AnswerSearch } from "../drive/host.ts";
import type { GatewayAccount } from "./account.ts";
import { replyOf, transcriptOf } from "./sdk.ts";
import { deliver } from "./send.ts";
import { routeOf } from "./session.ts";

/** Sends the answer to a turn if all of it is there; rejects if it could not be sent. */
export async function sendFinished(account: GatewayAccount, order: AnswerSearch): Promise<boolean> {
  const { channel, accountId, cfg, runtime, log } = account;
  const { agentId, sessionKey } = routeOf(runtime.routing, cfg, { ...order, channel, accountId });
  const text = await finishedText({ cfg, agentId, sessionKey }, order.messageId).catch((error: unknown) => {
    log.warn(`[${accountId}] message ${order.turn}: its session can't be read: ${String(error)}`);
  });
  if (text === undefined) return false;
  log.info(`[${accountId}] message ${order.turn} was answered before the gateway died: its answer is sent now`);
  for (const part of await replyOf(text)) {
    await deliver({ channel, accountId, to: order.to, turn: order.turn, cfg, agentId }, part);
  }
  return true;
}

async function finishedText(session: Parameters<typeof transcriptOf>[0], messageId: string) {
  const transcript = await transcriptOf(session);
  const id = transcript && finishedEvent(transcript.events, messageId);
  return id === undefined ? undefined : transcript?.texts.get(id);
}

/** It may also have stopped to use a tool, for an error, or because it was told to. */
const ENDS = new Set<string | undefined>(["stop", "length"]);

type Event = {
  id?: string;
  message?: { role?: string; stopReason?: string; __openclaw?: { transport?: { messageId?: string } } };
};

/** The event with the end of the answer to a message: the last word of the agent's before somebody else's next one. */
export function finishedEvent(events: readonly unknown[], messageId: string): string | undefined {
  const messages = events.filter(isEvent).filter(({ message }) => message !== undefined);
  const isAsked = ({ message }: Event) => message?.__openclaw?.transport?.messageId === messageId;
  const asked = messages.findLastIndex(isAsked);
  if (asked < 0) return undefined;
  const behind = messages.slice(asked + 1);
  const next = behind.findIndex(({ message }) => message?.role === "user");
  const last = behind.slice(0, next < 0 ? undefined : next).findLast(({ message }) => message?.role === "assistant");
  return ENDS.has(last?.message?.stopReason) ? last?.id : undefined;
}

function isEvent(event: unknown): event is Event {
  return typeof event === "object" && event !== null;
}
