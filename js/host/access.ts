/** Whether a sender may speak: the gateway's policies, allowlists, access groups and pairing. */
import type { Access, AccessQuestion } from "../core/protocol.ts";
import type { GatewayAccount } from "./account.ts";
import type { Ingress } from "./sdk.ts";
import { peerOf } from "./session.ts";

/** The context that a turn's judgement may enter; absent where only the decision counts. */
export type ContextBinding = { agentId: string; sessionKey: string; messageId: string; nativeChannelId: string };

type Asked = Pick<AccessQuestion, "to" | "chat" | "sender" | "text">;

/** Sends a text to a place. */
type Send = (to: string, text: string) => Promise<unknown>;

/** Asks the gateway for its judgement. Mentions are no part of it: the core has its own rules for them. */
export function resolveIngress(account: GatewayAccount, asked: Asked, binding?: ContextBinding): Promise<Ingress> {
  const { channel: channelId, accountId, cfg, rules, runtime } = account;
  const direct = asked.chat === "direct";
  return runtime.inbound.ingress.resolveStable({
    channelId,
    accountId,
    cfg,
    identity: { key: "user-id", normalizeSubject: trimmed, normalizeEntry: userId, sensitivity: "pii" },
    subject: { stableId: asked.sender.id },
    conversation: peerOf({ ...asked, senderId: asked.sender.id }),
    ...(binding ? { contextBinding: { ...binding, inboundEventKind: "user_request" } } : {}),
    event: { kind: "message", authMode: "inbound", mayPair: direct },
    ...(asked.sender.isOwner === true ? withOwner(rules, asked.sender.id) : rules),
    policy: { groupAllowFromFallbackToAllowFrom: false },
    readStoreAllowFrom: () => runtime.pairing.readAllowFromStore({ channel: channelId, accountId }),
    command: runtime.commands.shouldComputeCommandAuthorized(asked.text, cfg)
      ? { cfg, hasControlCommand: runtime.text.hasControlCommand(asked.text, cfg), allowTextCommands: true }
      : false,
  });
}

/** Whoever the platform calls the bot's owner needs no pairing. What is switched off stays so. */
function withOwner(rules: GatewayAccount["rules"], id: string): GatewayAccount["rules"] {
  return { ...rules, allowFrom: [...rules.allowFrom, id], groupAllowFrom: [...rules.groupAllowFrom, id] };
}

/** Answers the core's question, and gives a stranger a pairing code the first time. */
export async function askAccess(account: GatewayAccount, question: AccessQuestion, send: Send): Promise<Access> {
  const { ingress } = await resolveIngress(account, question);
  if (ingress.admission === "dispatch") return { ruling: "allowed" };
  if (ingress.admission !== "pairing-required") return { ruling: "denied", detail: ingress.reasonCode };
  await startPairing(account, question, send);
  return { ruling: "pairing" };
}

async function startPairing(account: GatewayAccount, { sender, to }: AccessQuestion, send: Send): Promise<void> {
  const { channel, accountId, runtime, log } = account;
  const { code, created } = await runtime.pairing.upsertPairingRequest({
    channel,
    accountId,
    id: sender.id,
    // Where to say that the request was approved: a user's id alone is no address on every platform.
    meta: { name: sender.name, to },
  });
  if (!created) return;
  const idLine = `Your ${channel} user id: ${sender.id} (account ${accountId})`;
  try {
    await send(to, runtime.pairing.buildPairingReply({ channel, idLine, code }));
  } catch (error) {
    log.warn(`[${accountId}] the pairing code for ${sender.id} was not sent: ${String(error)}`);
  }
}

/** Ids are compared as they are: folding case would let one user pass for another. */
function trimmed(id: string): string | null {
  return id.trim() || null;
}

/** An allowlist entry as people write it: `ann`, `user:ann`, `dmwork:user:ann`. */
export function userId(entry: string): string {
  return entry.trim().replace(/^(?:mochat:|dmwork:)?(?:user:)?/, "");
}
