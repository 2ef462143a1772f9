/** The agent's tools as the gateway registers them: schemas from the core's tables, calls to the account at work. */
import type { Channel } from "../core/account.ts";
import type { ToolCaller } from "../core/protocol.ts";
import { TOOLS, type ToolDescription } from "../core/tools.ts";
import { runningDrive } from "../host/running.ts";
import type { AgentTool, OpenClawConfig, OpenClawPluginApi, ToolContext } from "../host/sdk.ts";
import { accountIds, defaultAccountId, resolveAccount } from "./accounts.ts";

export function registerTools(api: OpenClawPluginApi): void {
  for (const tool of TOOLS) {
    api.registerTool((context) => agentTool(tool, context), { name: tool.name });
  }
}

/** A tool for one run of the agent; none where the core would refuse every call, which only costs room in the prompt. */
function agentTool(tool: ToolDescription, context: ToolContext): AgentTool | null {
  const { channel, name, description, parameters, needs } = tool;
  const cfg = context.getRuntimeConfig?.() ?? context.runtimeConfig ?? context.config ?? {};
  const accounts = accountIds(cfg, channel);
  const isHere = context.messageChannel === channel;
  if (accounts.length === 0 || !(isHere || context.senderIsOwner === true)) return null;
  const acting = isHere ? [context.agentAccountId] : accounts;
  if (needs !== null && !acting.some((id) => resolveAccount(cfg, channel, id).config[needs])) return null;
  const choice = isHere || accounts.length === 1 ? undefined : accounts;
  return {
    name,
    label: name.replace("_", " "),
    description,
    parameters: choice === undefined ? parameters : withAccountChoice(parameters, choice),
    execute: async (_id, given) => {
      const { account, ...rest }: Record<string, unknown> = Object(given);
      const chosen = choice !== undefined && typeof account === "string" ? account : undefined;
      const accountId = isHere ? context.agentAccountId : chosen;
      const asked = choice === undefined ? given : rest;
      const call = { tool: name, parameters: asked, caller: callerOf(context) };
      const text = await callTool({ channel, accountId, cfg }, call);
      return { content: [{ type: "text", text }], details: {} };
    },
  };
}

function withAccountChoice({ properties, ...rest }: ToolDescription["parameters"], accounts: string[]) {
  const account = { type: "string", enum: accounts, description: "The account that acts." };
  return { ...rest, properties: { ...Object(properties), account } };
}

/** All by the gateway's word; nothing of it comes from the model. */
function callerOf({ messageChannel, deliveryContext, requesterSenderId, senderIsOwner, sessionKey }: ToolContext) {
  return caller({
    channel: messageChannel,
    to: deliveryContext?.to,
    sender: requesterSenderId,
    operator: senderIsOwner === true,
    sessionKey,
  });
}

type Facts = { [Key in keyof ToolCaller]: ToolCaller[Key] | null | undefined };

export function caller({ channel, to, sender, operator, sessionKey }: Facts): ToolCaller {
  return {
    ...(channel ? { channel } : {}),
    ...(to ? { to } : {}),
    ...(sender ? { sender } : {}),
    ...(operator ? { operator } : {}),
    ...(sessionKey ? { sessionKey } : {}),
  };
}

type Address = { channel: Channel; accountId: string | null | undefined; cfg: OpenClawConfig };

type Call = { tool: string; parameters: unknown; caller: ToolCaller };

/** Has the running account do it; resolves with words for a model. The gateway shows it those of what is thrown, too. */
export async function callTool({ channel, accountId, cfg }: Address, { tool, parameters, caller: asking }: Call) {
  const address = { channel, accountId: accountId ?? defaultAccountId(cfg, channel) };
  const drive = runningDrive(address);
  if (!drive) throw new Error(`${channel} account ${address.accountId} is not running`);
  return await drive.tool({ tool, parameters, caller: asking });
}
