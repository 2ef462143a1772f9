/** What the gateway's `message` tool can do on a channel beyond sending: read a place, answer in it, and more on DMWork. */
import type { Channel } from "../core/account.ts";
import type { ChannelPlugin } from "../host/sdk.ts";
import { inThread } from "../host/send.ts";
import { accountIds, type Account } from "./accounts.ts";
import { caller, callTool } from "./tools.ts";

type Actions = NonNullable<ChannelPlugin<Account>["actions"]>;
type Context = Parameters<NonNullable<Actions["handleAction"]>>[0];
type Action = Context["action"];

/** Sending is the gateway's own affair: with its hooks, its queue and its receipts. */
const OURS: Record<Channel, Action[]> = {
  mochat: ["read", "reply", "thread-reply"],
  dmwork: ["read", "search", "reply", "edit", "thread-create", "thread-list", "thread-reply"],
};

export function messageActions(channel: Channel): Actions {
  return {
    describeMessageTool: ({ cfg }) =>
      accountIds(cfg, channel).length === 0 ? null : { actions: ["send", ...OURS[channel]] },
    supportsAction: ({ action }) => OURS[channel].some((ours) => ours === action),
    // The account lives in the gateway: a command line has to go through it.
    resolveExecutionMode: () => "gateway",
    handleAction: async (context) => {
      const parameters = { mochat: ofMochat, dmwork: ofDmwork }[channel](context);
      const call = { tool: "message", parameters, caller: callerOf(context) };
      const text = await callTool({ channel, accountId: context.accountId, cfg: context.cfg }, call);
      // A command line prints the details.
      return { content: [{ type: "text", text }], details: { text } };
    },
  };
}

/** The gateway's names for parameters in the core's. */
function ofMochat({ action, params, toolContext }: Context) {
  const target = params["to"] ?? params["target"] ?? toolContext?.currentMessagingTarget;
  if (action === "read") return { action, target, limit: params["limit"], beforeMessageId: params["before"] };
  const replyTo = params["messageId"] ?? params["replyTo"] ?? params["threadId"];
  return { action: "reply", target, replyTo, content: params["message"] };
}

/** A thread is a place there. */
function ofDmwork({ action, params, toolContext }: Context) {
  const { limit, before, after, query, messageId, message, threadName, threadId } = params;
  const named = params["to"] ?? params["target"] ?? toolContext?.currentMessagingTarget;
  const to = typeof named === "string" ? named : "";
  const isId = typeof threadId === "string" || typeof threadId === "number";
  const target = inThread({ to, threadId: isId ? threadId : null });
  const known: Partial<Record<Action, Record<string, unknown>>> = {
    read: { action, target, limit, before, after },
    search: { action, target, query },
    edit: { action, target, messageId, content: message },
    "thread-create": { action, target, name: threadName, sourceMessageId: messageId },
    "thread-list": { action, target },
  };
  return known[action] ?? { action: "reply", target, replyTo: messageId ?? params["replyTo"], content: message };
}

function callerOf({ toolContext, requesterSenderId, senderIsOwner, conversationReadOrigin, sessionKey }: Context) {
  return caller({
    channel: toolContext?.currentChannelProvider,
    to: toolContext?.currentMessagingTarget ?? toolContext?.currentChannelId,
    sender: requesterSenderId,
    operator: senderIsOwner === true || conversationReadOrigin === "direct-operator",
    sessionKey,
  });
}
