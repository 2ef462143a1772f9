/** Answers that the agent has finished and the gateway did not hand over: they stand in its session. */
import { messageOf } from "../core/errors.ts";
import type { AnswerSearch } from "../drive/host.ts";
import type { GatewayAccount } from "./account.ts";
import { keepsReplies, replyOf, transcriptOf } from "./sdk.ts";
import { deliver } from "./send.ts";
import { routeOf } from "./session.ts";

/** What was sent from here: the gateway may have put several questions into one run, with one answer. */
const sent = new Set<string>();

/** Sends the answer to a turn if all of it is there; rejects if it could not be sent. */
export async function sendFinished(account: GatewayAccount, order: AnswerSearch): Promise<boolean> {
  const { channel, accountId, cfg, log } = account;
  const found = await find(account, order).catch((error: unknown) => {
    log.warn(`[${accountId}] message ${order.turn}: its answer can't be looked for: ${messageOf(error)}`);
  });
  if (!found) return false;
  const { id, agentId, reply } = found;
  if (sent.has(id)) return true;
  log.info(
    `[${accountId}] message ${order.turn}: the agent had finished its answer, which the gateway did not hand over`,
  );
  for (const part of reply) {
    await deliver({ channel, accountId, to: order.to, turn: order.turn, cfg, agentId }, part);
  }
  sent.add(id);
  return true;
}

async function find(account: GatewayAccount, order: AnswerSearch) {
  const { channel, accountId, cfg, runtime } = account;
  const { agentId, sessionKey } = routeOf(runtime.routing, cfg, { ...order, channel, accountId });
  const transcript = await transcriptOf({ cfg, agentId, sessionKey });
  const answer = transcript && finishedAnswer(transcript, { channel, accountId, messageId: order.messageId });
  if (!answer) return undefined;
  const isKept = await keepsReplies({ cfg, agentId, sessionKey, channel, chat: order.chat });
  return { id: `${sessionKey} ${answer.id}`, agentId, reply: isKept ? [] : await replyOf(answer.text) };
}

type Asked = { channel: string; accountId: string; messageId: string };
/** What of a message in a session tells whose it is. */
type Message = {
  role?: string;
  stopReason?: string;
  content?: unknown;
  provider?: string;
  model?: string;
  /** Where a prompt is from that is nobody's message. */
  provenance?: object;
  openclawDeliveryMirror?: object;
  __openclaw?: {
    transport?: { channel?: string; messageId?: string };
    senderIdentity?: { accountId?: string };
    /** It was put into a run that was under way. */
    steerTargetRunId?: string;
  };
};
type Event = { id?: string; message: Message };

/** The agent's last words may also stand before a tool, for an error, or because it was told to stop. */
const ENDS = new Set<string | undefined>(["stop", "length"]);
/** What the gateway writes down as the agent's: copies of what was sent, and words of its own. */
const NOT_SAID = new Set<string | undefined>(["delivery-mirror", "gateway-injected"]);

/**
 * The agent's last words behind a message and before the next one, if they are the end of its answer. A message that was put
 * into a run under way has the words behind it, and what it came in the middle of has the same. Nothing if the gateway's own
 * recovery has them: it puts them to the agent again, which then says them or something better.
 */
export function finishedAnswer(
  { events, texts }: { events: readonly unknown[]; texts: ReadonlyMap<string, string> },
  asked: Asked,
): { id: string; text: string } | undefined {
  const messages = events.filter(isMessage);
  const at = messages.findLastIndex(({ message }) => isAsked(message, asked));
  if (at < 0) return undefined;
  const behind = messages.slice(at + 1);
  const { id, message } = lastWords(behind) ?? {};
  // Without a single text the gateway is not done with reading them.
  if (id === undefined || texts.size === 0) return undefined;
  // An agent that has said all by its tools ends without a word. Words that are not among the session's own are of a
  // conversation that was ended.
  const text = texts.get(id) ?? (hasWords(message) ? undefined : "");
  if (text === undefined || behind.some((event) => isPutAgain(text, event.message))) return undefined;
  return { id, text };
}

/** What the agent said last before the next message, or before the first that was put into its run behind a finished answer. */
function lastWords(behind: readonly Event[]): Event | undefined {
  let last: Event | undefined;
  for (const event of behind) {
    const { message } = event;
    if (isSaid(message)) last = event;
    else if (message.role === "user" && (!isSteering(message) || isEnd(last))) break;
  }
  return isEnd(last) ? last : undefined;
}

function isEnd(event: Event | undefined): boolean {
  return event !== undefined && ENDS.has(event.message.stopReason);
}

function isMessage(event: unknown): event is Event {
  return event instanceof Object && "message" in event && event.message instanceof Object;
}

function isAsked(message: Message, { channel, accountId, messageId }: Asked): boolean {
  const { transport, senderIdentity } = message.__openclaw ?? {};
  if (transport?.messageId !== messageId || (transport.channel ?? channel) !== channel) return false;
  return (senderIdentity?.accountId ?? accountId) === accountId;
}

function isSteering({ __openclaw: about }: Message): boolean {
  return about?.steerTargetRunId !== undefined;
}

function isSaid({ role, provider, model, openclawDeliveryMirror: mirror }: Message): boolean {
  return role === "assistant" && mirror === undefined && !(provider === "openclaw" && NOT_SAID.has(model));
}

function hasWords({ content }: Message = {}): boolean {
  if (!Array.isArray(content)) return typeof content === "string" && content.trim() !== "";
  return content.some((block) => block instanceof Object && "text" in block && String(block.text).trim() !== "");
}

/** Whether the gateway's own prompt holds the beginning of a text in quotation marks, as far as no escape can change it. */
function isPutAgain(text: string, { provenance, content }: Message): boolean {
  if (provenance === undefined || typeof content !== "string") return false;
  const [beginning = ""] = text
    .trim()
    .slice(0, 40)
    .split(/["\\\n]/);
  return beginning !== "" && content.includes(`"${beginning}`);
}
