/** Which agent and which session a conversation belongs to. */
import type { Chat } from "../core/protocol.ts";
import type { OpenClawConfig, Routing } from "./sdk.ts";

/** A conversation of one account, by its place in the core's grammar. */
export type Conversation = {
  channel: string;
  accountId: string;
  chat: Chat;
  to: string;
  senderId: string;
  /** The Space of a direct message. */
  space?: string;
};

type Peer = { kind: Chat; id: string };

/** Separates a place from its account in a session key. Account ids are `[a-z0-9_-]`, so the last one counts. */
const AT_ACCOUNT = "@";

/** What the platform calls the place: `thread:g1____7` is `g1____7`. */
export function wireId(to: string): string {
  return to.slice(to.indexOf(":") + 1);
}

/** The true peer, as operators write it in bindings. */
export function peerOf({ chat, to, senderId }: Pick<Conversation, "chat" | "to" | "senderId">): Peer {
  return chat === "direct" ? { kind: "direct", id: senderId } : { kind: "group", id: wireId(to) };
}

/**
 * Picks the agent by the true peer, so that bindings match what operators write, and then builds the key of a group's
 * session with the account in it. The gateway's own group keys name no account: two bots in one group would share one
 * memory and each other's turns. A group that the operator sends to the main session goes there as told.
 */
export function routeOf(routing: Routing, cfg: OpenClawConfig, conversation: Conversation) {
  const { channel, accountId } = conversation;
  const peer = peerOf(conversation);
  const route = routing.resolveAgentRoute({
    cfg,
    channel,
    accountId,
    peer,
    parentPeer: parentOf(conversation),
    dmScope: dmScopeOf(cfg),
  });
  if (peer.kind === "direct") return { ...route, sessionKey: inSpace(route.sessionKey, conversation.space) };
  return { ...route, sessionKey: groupKey(routing, { ...route, channel, peer }) };
}

/** One person's conversations in two Spaces are two conversations, unless direct messages all go to the main session. */
function inSpace(sessionKey: string, space: string | undefined): string {
  return space === undefined || !sessionKey.includes(":direct:") ? sessionKey : `${sessionKey}#${space.toLowerCase()}`;
}

/** The session of a place that is written to without a message having come from it; none for what only the core knows. */
export function outboundRoute(
  routing: Routing,
  cfg: OpenClawConfig,
  at: Omit<Conversation, "chat" | "senderId"> & { agentId: string },
) {
  const { channel, accountId, agentId, to } = at;
  // A session can be either; only its participants tell.
  if (to.startsWith("session:")) return null;
  const chat: Chat = to.startsWith("user:") ? "direct" : "group";
  const peer = peerOf({ chat, to, senderId: wireId(to) });
  const scopes = { dmScope: dmScopeOf(cfg), groupScope: cfg.session?.groupScope ?? "per-group" };
  const sessionKey =
    chat === "direct"
      ? routing.buildAgentSessionKey({ agentId, channel, accountId, peer, ...scopes, ...linksOf(cfg) })
      : groupKey(routing, { agentId, channel, accountId, peer, ...scopes });
  return { sessionKey, baseSessionKey: sessionKey, peer, chatType: chat, from: `${channel}:${to}`, to };
}

/** The place in a group's session key, without the account that this plugin put there. */
export function placeInSessionKey(rawId: string): string {
  const at = rawId.lastIndexOf(AT_ACCOUNT);
  return at < 0 ? rawId : rawId.slice(0, at);
}

type GroupKeyParams = Pick<Conversation, "channel" | "accountId"> & {
  agentId: string;
  peer: Peer;
  groupScope?: "per-group" | "main";
};

function groupKey(routing: Routing, { agentId, channel, accountId, peer, groupScope }: GroupKeyParams): string {
  return routing.buildAgentSessionKey({
    agentId,
    channel,
    accountId,
    peer: { kind: peer.kind, id: `${peer.id}${AT_ACCOUNT}${accountId}` },
    ...(groupScope ? { groupScope } : {}),
  });
}

/** Strangers meet these bots, so direct conversations are apart unless the operator joins them. */
function dmScopeOf(cfg: OpenClawConfig) {
  return cfg.session?.dmScope ?? "per-account-channel-peer";
}

/** What is to be said about a scope by which direct conversations of several people or bots are one session. */
export function joinedSessions(cfg: OpenClawConfig): { message: string; fix: string } | undefined {
  const scope = dmScopeOf(cfg);
  if (scope === "per-account-channel-peer") return undefined;
  const who =
    scope === "main" ? "everybody who writes directly shares" : "a person's direct messages to several bots share";
  const message = `it is "${scope}": ${who} one session, and what is said there.`;
  const fix = 'Unless that is wanted, run: openclaw config set session.dmScope "per-account-channel-peer"';
  return { message, fix };
}

function linksOf(cfg: OpenClawConfig) {
  return cfg.session?.identityLinks ? { identityLinks: cfg.session.identityLinks } : {};
}

/** A thread inherits the binding of its group. */
function parentOf({ to }: Conversation): Peer | null {
  const id = wireId(to);
  const end = id.indexOf("____");
  return to.startsWith("thread:") && end > 0 ? { kind: "group", id: id.slice(0, end) } : null;
}
