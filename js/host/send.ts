/** Everything the gateway wants sent, on its way to the account that can send it. */
import type { FileAccess } from "../drive/host.ts";
import { isSendError } from "../drive/requests.ts";
import { nextDrive, type Address } from "./running.ts";
import {
  mediaRoots,
  notDispatched,
  partlyDelivered,
  type ChannelMessageSendTextContext,
  type MessageReceipt,
  type OpenClawConfig,
} from "./sdk.ts";

type Outgoing = Pick<ChannelMessageSendTextContext, "to" | "text" | "replyToId"> & {
  /** Files: URLs, and paths of this machine. */
  media?: string[];
  /** A thread in that place, by the gateway's word. */
  threadId?: string | number | null | undefined;
  cfg?: OpenClawConfig;
  /** Whose files they are. */
  agentId?: string;
  /** What the gateway says about them. */
  mediaAccess?: { localRoots?: readonly string[]; workspaceDir?: string } | undefined;
  mediaLocalRoots?: readonly string[] | undefined;
  /** The turn that it is a part of the reply to. */
  turn?: string | undefined;
  signal?: AbortSignal | undefined;
  onPlatformSendDispatch?: (() => Promise<void>) | undefined;
  assertDirectAdapterHandoff?: (() => void) | undefined;
};

/** Sends a text of the gateway's own accord and returns the platform's ids. */
export async function sendText(address: Address, outgoing: Outgoing): Promise<string[]> {
  const access = outgoing.media?.length ? await accessOf(outgoing) : undefined;
  const drive = await nextDrive(address);
  if (!drive) throw await notDispatched(`${address.channel} account ${address.accountId} is not running`);
  await outgoing.onPlatformSendDispatch?.();
  outgoing.signal?.throwIfAborted();
  outgoing.assertDirectAdapterHandoff?.();
  const { text, media, replyToId, turn } = outgoing;
  const more = {
    ...(media?.length ? { media } : {}),
    ...(replyToId ? { replyTo: replyToId } : {}),
    ...(turn === undefined ? {} : { ofTurn: turn }),
  };
  const sending = drive.send(inThread(outgoing), text, more, access);
  return await withPartialResult(sending);
}

/** The target as the core takes it, which knows what a thread is there. */
export function inThread({ to, threadId }: Pick<Outgoing, "to" | "threadId">): string {
  return threadId === undefined || threadId === null || threadId === "" ? to : `${to} ${threadId}`;
}

async function accessOf({ cfg, agentId, mediaAccess, mediaLocalRoots }: Outgoing): Promise<FileAccess> {
  const { localRoots, workspaceDir } = mediaAccess ?? {};
  const roots = localRoots ?? mediaLocalRoots ?? (cfg ? await mediaRoots(cfg, agentId) : []);
  return { localRoots: roots, ...(workspaceDir === undefined ? {} : { workspaceDir }) };
}

type ReplyPart = { text?: string; replyToId?: string; mediaUrl?: string; mediaUrls?: string[] };

/** Sends one part of a reply. */
export async function deliver(
  address: Address & { to: string; turn: string; cfg: OpenClawConfig; agentId: string },
  part: ReplyPart,
) {
  const { to, turn, cfg, agentId } = address;
  const content = part.text?.trim() ?? "";
  const media = part.mediaUrls ?? (part.mediaUrl ? [part.mediaUrl] : []);
  const messageIds = await sendText(address, {
    to,
    turn,
    cfg,
    agentId,
    text: content,
    media,
    replyToId: part.replyToId ?? null,
  });
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
