/** What the gateway's `message` tool can do on a channel beyond sending: read a place, answer a message in it. */
import type { Channel } from "../core/account.ts";
import type { ChannelPlugin } from "../host/sdk.ts";
import { accountIds, type Account } from "./accounts.ts";
import { caller, callTool } from "./tools.ts";

type Actions = NonNullable<ChannelPlugin<Account>["actions"]>;
type Context = Parameters<NonNullable<Actions["handleAction"]>>[0];

/** Sending is the gateway's own affair: with its hooks, its queue and its receipts. */
const OURS: readonly string[] = ["read", "reply", "thread-reply"];

export function messageActions(channel: Channel): Actions {
  return {
    describeMessageTool: ({ cfg }) =>
      accountIds(cfg, channel).length === 0 ? null : { actions: ["send", "read", "reply", "thread-reply"] },
    supportsAction: ({ action }) => OURS.includes(action),
    // The account lives in the gateway: a command line has to go through it.
    resolveExecutionMode: () => "gateway",
    handleAction: async (context) => {
      const call = { tool: "message", parameters: parametersOf(context), caller: callerOf(context) };
      const text = await callTool({ channel, accountId: context.accountId, cfg: context.cfg }, call);
      // A command line prints the details.
      return { content: [{ type: "text", text }], details: { text } };
    },
  };
}

/** The gateway's names for parameters in the core's. */
function parametersOf({ action, params, toolContext }: Context) {
  const target = params["to"] ?? params["target"] ?? toolContext?.currentMessagingTarget;
  if (action === "read") return { action, target, limit: params["limit"], beforeMessageId: params["before"] };
  const replyTo = params["messageId"] ?? params["replyTo"] ?? params["threadId"];
  return { action: "reply", target, replyTo, content: params["message"] };
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
