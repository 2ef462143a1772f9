/** Everything the gateway wants sent, on its way to the account that can send it. */
import type { Channel } from "../core/account.ts";
import type { Drive } from "../drive.ts";
import { isSendError } from "../drive/requests.ts";
import { notDispatched, partlyDelivered, type ChannelMessageSendTextContext, type MessageReceipt } from "./sdk.ts";

const RUNNING: unique symbol = Symbol.for("openclaw-mochat-dmwork.running");
const home: typeof globalThis & { [RUNNING]?: Map<string, Drive> } = globalThis;

/**
 * The running accounts of this process. The gateway's send adapters belong to a channel, not to an account, and a reply
 * may outlive the account's restart that a change of its settings causes: both find their drive here when they need it.
 *
 * Kept by the process, not by this module: the gateway loads a copy of the plugin for its channels and another one for
 * the agent's tools.
 */
const running = (home[RUNNING] ??= new Map<string, Drive>());

type Address = { channel: Channel; accountId: string };

/** Makes an account reachable until it is disposed of. */
export function announce({ channel, accountId }: Address, drive: Drive): Disposable {
  const key = `${channel}/${accountId}`;
  running.set(key, drive);
  return {
    [Symbol.dispose]() {
      // Its successor may be there already.
      if (running.get(key) === drive) running.delete(key);
    },
  };
}

export function runningDrive({ channel, accountId }: Address): Drive | undefined {
  return running.get(`${channel}/${accountId}`);
}

type Outgoing = Pick<ChannelMessageSendTextContext, "to" | "text" | "replyToId"> & {
  /** Files: URLs, and paths of this machine. */
  media?: string[];
  /** The turn that it is a part of the reply to. */
  turn?: string | undefined;
  signal?: AbortSignal | undefined;
  onPlatformSendDispatch?: (() => Promise<void>) | undefined;
  assertDirectAdapterHandoff?: (() => void) | undefined;
};

/** Sends a text of the gateway's own accord and returns the platform's ids. */
export async function sendText(address: Address, outgoing: Outgoing): Promise<string[]> {
  const drive = runningDrive(address);
  if (!drive) throw await notDispatched(`${address.channel} account ${address.accountId} is not running`);
  await outgoing.onPlatformSendDispatch?.();
  outgoing.signal?.throwIfAborted();
  outgoing.assertDirectAdapterHandoff?.();
  const { to, text, media, replyToId, turn } = outgoing;
  const sending = drive.send(to, text, {
    ...(media?.length ? { media } : {}),
    ...(replyToId ? { replyTo: replyToId } : {}),
    ...(turn === undefined ? {} : { ofTurn: turn }),
  });
  return await withPartialResult(sending);
}

type ReplyPart = { text?: string; replyToId?: string; mediaUrl?: string; mediaUrls?: string[] };

/** Sends one part of a reply. */
export async function deliver(address: Address & { to: string; turn: string }, part: ReplyPart) {
  const { to, turn } = address;
  const content = part.text?.trim() ?? "";
  const media = part.mediaUrls ?? (part.mediaUrl ? [part.mediaUrl] : []);
  const messageIds = await sendText(address, { to, turn, text: content, media, replyToId: part.replyToId ?? null });
  return { messageIds, visibleReplySent: true, content };
}

async function withPartialResult(sending: Promise<string[]>): Promise<string[]> {
  try {
    return await sending;
  } catch (error) {
    if (isSendError(error) && error.messageIds.length > 0) throw await partlyDelivered(error, error.messageIds);
    throw error;
  }
}

/** What the gateway keeps of a send. */
export function receiptOf(messageIds: readonly string[], replyToId: string | null | undefined): MessageReceipt {
  const reply = replyToId ? { replyToId } : {};
  return {
    ...(messageIds[0] ? { primaryPlatformMessageId: messageIds[0] } : {}),
    platformMessageIds: [...messageIds],
    parts: messageIds.map((platformMessageId, index) => ({ platformMessageId, kind: "text", index, ...reply })),
    ...reply,
    sentAt: Date.now(),
  };
}
