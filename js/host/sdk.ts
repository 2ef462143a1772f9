/**
 * The only file that imports OpenClaw. Types cost nothing; what runs is either cheap (measured: plugin-entry is what
 * the gateway loads anyway, the other two take milliseconds) or imported when it is needed.
 */
import type { OpenClawConfig, OpenClawPluginApi, PluginRuntime } from "openclaw/plugin-sdk/channel-core";
import type { ChannelGatewayContext } from "openclaw/plugin-sdk/channel-contract";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { messageOf } from "../core/errors.ts";
import type { Chat } from "../core/protocol.ts";

export { definePluginEntry } from "openclaw/plugin-sdk/plugin-entry";
export { DEFAULT_ACCOUNT_ID, normalizeAccountId } from "openclaw/plugin-sdk/account-id";
export { createSimpleChannelSecretContract } from "openclaw/plugin-sdk/channel-secret-basic-runtime";
export type {
  ChannelAccountSnapshot,
  ChannelGatewayContext,
  ChannelLogSink,
} from "openclaw/plugin-sdk/channel-contract";
export type { ChannelPlugin, OpenClawConfig, OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
export type { ChannelSetupWizardAdapter, WizardPrompter } from "openclaw/plugin-sdk/setup";
export type { ChannelMessageSendTextContext, MessageReceipt } from "openclaw/plugin-sdk/channel-outbound";

/** A conversation of an agent's. */
type Session = { cfg: OpenClawConfig; agentId: string; sessionKey: string };

/** An interrupted turn is among the latest of its session. */
const MOST_SAID = 200;

type PromptAccount = (typeof import("openclaw/plugin-sdk/setup"))["promptAccountId"];
/** What a command of ours is given: the command line's root, and the configuration. */
export type CliContext = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0];
/** What the gateway tells a tool about the run that it is made for, and the tool itself. */
type ToolFactory = Extract<Parameters<OpenClawPluginApi["registerTool"]>[0], (context: never) => unknown>;
export type ToolContext = Parameters<ToolFactory>[0];
export type AgentTool = Exclude<ReturnType<ToolFactory>, readonly unknown[] | null | undefined>;
export type ChannelRuntime = PluginRuntime["channel"];
export type ChannelMedia = ChannelRuntime["media"];
/** A file as the gateway's context builder takes it. */
export type MediaFact = NonNullable<Parameters<ChannelRuntime["inbound"]["buildContext"]>[0]["media"]>[number];
export type Routing = Pick<ChannelRuntime["routing"], "buildAgentSessionKey" | "resolveAgentRoute">;
/** What ingress resolution answers; handed to the context builder as it is. */
export type Ingress = Awaited<ReturnType<ChannelRuntime["inbound"]["ingress"]["resolveStable"]>>;

/** The gateway's services for this account. The type in the context is a promise of less than what is there. */
export function channelRuntimeOf(ctx: ChannelGatewayContext): ChannelRuntime {
  const runtime: object | undefined = ctx.channelRuntime;
  if (!runtime || !isChannelRuntime(runtime)) {
    throw new Error("this gateway offers no channel runtime; OpenClaw 2026.9.6 or newer is needed");
  }
  return runtime;
}

function isChannelRuntime(runtime: object): runtime is ChannelRuntime {
  return "inbound" in runtime && "routing" in runtime && "pairing" in runtime && "media" in runtime;
}

/** Where the gateway keeps its state. */
export async function stateDirectory(): Promise<string> {
  const { resolveStateDir } = await import("openclaw/plugin-sdk/state-paths");
  return resolveStateDir();
}

/** The configuration as it is written in its file: no secret resolved, no variable replaced. */
export async function authoredConfig(): Promise<OpenClawConfig> {
  return (await configFile()).authored;
}

/** The gateway's configuration file: where it is, its text, and what it says word for word. */
export async function configFile(): Promise<{ path: string; text: string; authored: OpenClawConfig }> {
  const { readConfigFileSnapshotForWrite } = await configWriter();
  const { snapshot } = await readConfigFileSnapshotForWrite();
  return { path: snapshot.path, text: snapshot.raw ?? "{}", authored: Object(snapshot.parsed) };
}

/** Session keys outside of a running account, where no channel runtime is at hand. */
export async function routing(): Promise<Routing> {
  return await import("openclaw/plugin-sdk/routing");
}

/** The gateway's means for sessions, where it keeps this one, and what it has noted about it. */
async function storedSession({ cfg, agentId, sessionKey }: Session) {
  const sessions = await import("openclaw/plugin-sdk/session-store-runtime");
  const scope = { agentId, sessionKey, storePath: sessions.resolveStorePath(cfg.session?.store, { agentId }) };
  return { sessions, scope, entry: sessions.getSessionEntry(scope) };
}

/** The events of a session, and what the agent has said in them; nothing if there is no such session. */
export async function transcriptOf(session: Session) {
  const { sessions, scope, entry } = await storedSession(session);
  const sessionId = entry?.sessionId;
  if (!sessionId) return undefined;
  // First: it fetches a session that the gateway has put aside.
  const said = await sessions.readRecentUserAssistantTextForSession({ ...scope, role: "assistant", limit: MOST_SAID });
  const events = sessions.loadTranscriptEventsSync({ ...scope, sessionId });
  return { events, texts: new Map(said.flatMap(({ id, text }) => (id === undefined ? [] : [[id, text] as const]))) };
}

/** Whether the gateway sends nothing of what the agent says in a session: by the operator's word, or because its tools do. */
export async function keepsReplies(at: Session & { channel: string; chat: Chat }) {
  const { cfg, sessionKey, channel, chat } = at;
  const [{ sessions, entry }, { resolveChannelMessageSourceReplyDeliveryMode }] = await Promise.all([
    storedSession(at),
    import("openclaw/plugin-sdk/channel-outbound"),
  ]);
  const ctx = { ChatType: chat, SessionKey: sessionKey, Provider: channel, Surface: channel };
  const mode = resolveChannelMessageSourceReplyDeliveryMode({ cfg, ctx });
  const about = { cfg, sessionKey, channel, chatType: chat, ...(entry ? { entry } : {}) };
  return mode !== "automatic" || sessions.resolveSendPolicy(about) === "deny";
}

/** What of an agent's words goes out: without its thoughts and directives, and with the files that it names. */
export async function replyOf(words: string) {
  const [{ createOutboundPayloadPlan, projectOutboundPayloadPlanForDelivery }, { sanitizeAssistantVisibleText }] =
    await Promise.all([import("openclaw/plugin-sdk/channel-outbound"), import("openclaw/plugin-sdk/text-chunking")]);
  const text = sanitizeAssistantVisibleText(words);
  return projectOutboundPayloadPlanForDelivery(createOutboundPayloadPlan([{ text }]));
}

/** Folders of which an agent's files may be sent, where the gateway does not say with what it wants sent. */
export async function mediaRoots(cfg: OpenClawConfig, agentId: string | undefined): Promise<readonly string[]> {
  const { getAgentScopedMediaLocalRoots } = await import("openclaw/plugin-sdk/media-local-roots");
  return getAgentScopedMediaLocalRoots(cfg, agentId);
}

/** Opens an ordinary file; not through a link, and not one that is exchanged meanwhile. */
export async function openSafely(filePath: string) {
  const { openLocalFileSafely } = await import("openclaw/plugin-sdk/security-runtime");
  return await openLocalFileSafely({ filePath });
}

/** Tells the gateway that nothing was sent, so that it may try again. */
export async function notDispatched(message: string): Promise<Error> {
  const { PlatformMessageNotDispatchedError } = await import("openclaw/plugin-sdk/error-runtime");
  return new PlatformMessageNotDispatchedError(message, { cause: undefined });
}

/** Tells the gateway which part of a reply is visible although the rest failed. */
export async function partlyDelivered(cause: Error, messageIds: readonly string[]): Promise<Error> {
  const { createChannelPartialDeliveryError } = await import("openclaw/plugin-sdk/channel-inbound");
  return createChannelPartialDeliveryError(cause, { messageIds: [...messageIds], visibleReplySent: true });
}

/** The gateway's questions on a terminal. */
export async function terminalPrompter(): Promise<WizardPrompter> {
  const { createClackPrompter } = await import("openclaw/plugin-sdk/setup-runtime");
  return createClackPrompter();
}

/** Asks which account is meant, or what a new one is called. */
export async function promptAccount(params: Parameters<PromptAccount>[0]): Promise<string> {
  const { promptAccountId } = await import("openclaw/plugin-sdk/setup");
  return promptAccountId(params);
}

/** Whether somebody ended a dialogue instead of answering. */
export async function isCancelled(error: unknown): Promise<boolean> {
  const { WizardCancelledError } = await import("openclaw/plugin-sdk/setup");
  return error instanceof WizardCancelledError;
}

/** The text behind a SecretRef, or why there is none. */
export async function readSecret(cfg: OpenClawConfig, ref: unknown): Promise<{ token: string } | { problem: string }> {
  const [{ coerceSecretRef }, { resolveSecretRefValues }] = await Promise.all([
    import("openclaw/plugin-sdk/secret-input-runtime"),
    import("openclaw/plugin-sdk/secret-ref-runtime"),
  ]);
  const known = coerceSecretRef(ref);
  if (!known) return { problem: "it is no SecretRef that the gateway knows" };
  try {
    const [value] = (await resolveSecretRefValues([known], { config: cfg })).values();
    return typeof value === "string" && value.trim() ? { token: value.trim() } : { problem: "it is empty" };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** The gateway's own means to change its configuration file. */
export async function configWriter() {
  const { mutateConfigFile, readConfigFileSnapshotForWrite } = await import("openclaw/plugin-sdk/config-mutation");
  return { mutateConfigFile, readConfigFileSnapshotForWrite };
}
