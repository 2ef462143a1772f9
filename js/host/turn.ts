/** One turn: from the core's request through the gateway's agent to the reply. */
import { messageOf } from "../core/errors.ts";
import type { TurnRequest } from "../core/protocol.ts";
import type { TurnReports } from "../drive/host.ts";
import { resolveIngress } from "./access.ts";
import type { GatewayAccount } from "./account.ts";
import { fetchFiles, type Files } from "./files.ts";
import { nextDrive } from "./running.ts";
import { deliver } from "./send.ts";
import type { Ingress } from "./sdk.ts";
import { peerOf, routeOf, wireId } from "./session.ts";
import { Written } from "./written.ts";

/** The gateway shows no more of a history than this, unless it is told how long the window is. */
const UNANNOUNCED_HISTORY = 20;

/** What people see before there is an answer. */
export type Signs = {
  type(): Promise<void>;
  /** What is written so far. */
  write(text: string): void;
};

/** Starts a turn and returns; how it goes is reported. */
export function startTurn(account: GatewayAccount, turn: TurnRequest, reports: TurnReports, signs: Signs): void {
  const written = new Written((text) => signs.write(text));
  runTurn(account, turn, reports, { type: () => signs.type(), written })
    .finally(() => written.end())
    .then(
      () => reports.ended(),
      (error: unknown) => reports.ended(messageOf(error)),
    );
}

async function runTurn(
  account: GatewayAccount,
  turn: TurnRequest,
  reports: TurnReports,
  { type, written }: { type: () => Promise<void>; written: Written },
): Promise<void> {
  const { channel, accountId, cfg, runtime, log } = account;
  const route = routeOf(runtime.routing, cfg, { ...turn, channel, accountId, senderId: turn.sender.id });
  const ingress = await resolveIngress(account, turn, {
    agentId: route.agentId,
    sessionKey: route.sessionKey,
    messageId: turn.messageId,
    nativeChannelId: wireId(turn.to),
  });
  // Allowed when the core asked, and not any more: the configuration or the pairing has changed in between.
  if (ingress.ingress.admission !== "dispatch") throw new Error(`access was withdrawn: ${ingress.ingress.reasonCode}`);
  const { messageId, signal } = { messageId: turn.turn, signal: account.abortSignal };
  const files = turn.downloads && (await fetchFiles(runtime.media, turn.downloads, { messageId, signal }));
  for (const line of files?.missing ?? []) log.warn(`[${accountId}] message ${turn.turn}: ${line}`);
  await runtime.inbound.dispatch({
    cfg,
    channel,
    accountId,
    route,
    ctxPayload: contextOf(account, { ...turn, ...files }, route, ingress),
    replyPipeline: {
      typing: {
        start: type,
        onStartError: (error) => log.debug?.(`[${accountId}] typing: ${String(error)}`),
      },
    },
    replyOptions: { turnAdoptionLifecycle: adoption(account, reports), ...progressOf(turn, written) },
    delivery: {
      observeMessageSent: true,
      deliver: (payload) => {
        // It holds all that was written.
        written.drop();
        return deliver({ channel, accountId, to: turn.to, turn: turn.turn, cfg, agentId: route.agentId }, payload);
      },
      onError: (error, { kind }) => log.error(`[${accountId}] ${kind} reply to ${turn.to}: ${String(error)}`),
    },
    record: { onRecordError: (error) => log.warn(`[${accountId}] session record: ${String(error)}`) },
  });
}

/** How the gateway hands an answer over while it is written: word by word for one message that grows, or in blocks. */
function progressOf({ progress }: TurnRequest, written: Written) {
  // A block would end the message that grows.
  if (progress === "edits") return { onPartialReply: written.take, disableBlockStreaming: true };
  return progress === "blocks" ? { disableBlockStreaming: false } : {};
}

/**
 * When the gateway takes the turn over. Up to then it is ours, and so is the note that it was taken: an account that has
 * stopped for good refuses the adoption, and one that only restarts notes it as soon as it is back. So the account's end
 * is none of the turn's: it takes no signal for it.
 */
function adoption(account: GatewayAccount, reports: TurnReports) {
  let waits = false;
  let waited = false;
  return {
    // Keeps this message apart from others that wait for the same session: each has its own custody.
    admission: "exclusive" as const,
    onAdopted: async () => {
      if (!(await nextDrive(account))) throw new Error("the account was stopped");
      waits = false;
      reports.adopted();
    },
    onDeferred: () => {
      waits = true;
      waited = true;
      reports.deferred();
    },
    onAbandoned: () => {
      waits = false;
      reports.abandoned();
    },
    // Follows every end of the wait, and of the run if there was one; alone it means that nobody took the turn.
    onSettled: () => {
      if (waits) reports.abandoned();
      else if (waited) reports.settled();
    },
  };
}

function contextOf(
  account: GatewayAccount,
  turn: TurnRequest & Partial<Files>,
  route: ReturnType<typeof routeOf>,
  ingress: Ingress,
) {
  const { channel, accountId, runtime } = account;
  const { sender, quote, history, media, missing = [], said = [] } = turn;
  const forAgent = [turn.context, turn.text, [...said, ...missing].join("\n")].filter(Boolean).join("\n\n");
  const peer = peerOf({ ...turn, senderId: sender.id });
  const nativeChannelId = wireId(turn.to);
  const senderLabel = sender.name?.trim() || sender.id;
  return runtime.inbound.buildContext({
    channelIngress: ingress,
    channel,
    accountId,
    messageId: turn.messageId,
    timestamp: turn.sentAt,
    from: `${channel}:${turn.chat === "direct" ? `user:${sender.id}` : turn.to}`,
    sender: { id: sender.id, displayLabel: senderLabel, isBot: sender.author === "agent", roles: [roleOf(sender)] },
    conversation: {
      ...peer,
      label: turn.chat === "direct" ? senderLabel : (turn.about?.label ?? turn.to),
      nativeChannelId,
    },
    route: {
      agentId: route.agentId,
      accountId,
      routeSessionKey: route.sessionKey,
      mainSessionKey: route.mainSessionKey,
      ...(route.dmScope ? { dmScope: route.dmScope } : {}),
    },
    // What this message answers, not what its reply is to answer.
    reply: { to: turn.to, originatingTo: turn.to, nativeChannelId, ...(quote?.id ? { replyToId: quote.id } : {}) },
    message: {
      rawBody: turn.text,
      bodyForAgent: forAgent,
      commandBody: turn.text,
      senderLabel,
      inboundHistory: history.map(({ sender: name, text, sentAt }) => ({
        sender: name,
        body: text,
        timestamp: sentAt,
      })),
    },
    ...(history.length > UNANNOUNCED_HISTORY
      ? { sessionTranscript: { historyLimit: history.length, historyKind: "recent" as const } }
      : {}),
    access: {
      commands: { authorized: ingress.commandAccess.authorized },
      ...(turn.chat === "group" ? { mentions: { canDetectMention: true, wasMentioned: turn.mentioned } } : {}),
    },
    ...(media ? { media } : {}),
    supplemental: {
      ...(turn.about?.instructions ? { groupSystemPrompt: turn.about.instructions } : {}),
      ...(turn.about?.rules ? { untrustedGroupSystemPrompt: turn.about.rules } : {}),
      // By the platform's word: a name can say anything.
      channelStructuredContext: [
        { label: "Sender", source: channel, type: "sender", payload: { role: roleOf(sender) } },
      ],
      ...(quote
        ? {
            quote: {
              ...(quote.id ? { id: quote.id } : {}),
              ...(quote.sender ? { sender: quote.sender } : {}),
              body: quote.text,
              isQuote: true,
            },
          }
        : {}),
    },
  });
}

function roleOf({ author, isOwner }: TurnRequest["sender"]): "owner" | "agent" | "person" {
  if (isOwner === true) return "owner";
  return author === "agent" ? "agent" : "person";
}
