/**
 * A channel as the gateway sees it. Written out against the gateway's types: its builder functions would cost every
 * command that only lists accounts half a second of imports.
 */
import type { Channel } from "../core/account.ts";
import type { Chat } from "../core/protocol.ts";
import { userId } from "../host/access.ts";
import { routing, type ChannelPlugin, type ChannelSetupWizardAdapter, type OpenClawConfig } from "../host/sdk.ts";
import { receiptOf, sendText } from "../host/send.ts";
import { outboundRoute, placeInSessionKey } from "../host/session.ts";
import {
  accountIds,
  accountKey,
  defaultAccountId,
  resolveAccount,
  sectionOf,
  withAccount,
  withoutAccount,
  withSection,
  type Account,
} from "./accounts.ts";
import { messageActions } from "./actions.ts";
import { directoryAdapter } from "./directory.ts";
import { setupContract, type SetupField } from "./setup.ts";
import { statusAdapter } from "./status.ts";

/** What tells the two channels apart. */
export type Flavor = {
  id: Channel;
  label: string;
  blurb: string;
  order: number;
  /** Kinds of places in the target grammar, with an example each. */
  targets: Record<string, string>;
  /** Ids that name a place alone, without their kind. */
  bareId?: RegExp;
  /** The kind of a group-like place of which only the id is left. */
  groupTarget: (id: string) => string;
  chatTypes: ChannelPlugin["capabilities"]["chatTypes"];
  setupFields: readonly SetupField[];
  /** The dialogue of `openclaw channels add`. */
  setupWizard: ChannelSetupWizardAdapter;
  /** Whether a message in a group-like place needs a mention, for the gateway's prompts. */
  requireMention: (account: Account, groupId: string) => boolean;
};

export function channelPlugin(flavor: Flavor): ChannelPlugin<Account> {
  const { id, label } = flavor;
  return {
    id,
    meta: {
      id,
      label,
      selectionLabel: `${label} (plugin)`,
      docsPath: `/channels/${id}`,
      docsLabel: id,
      blurb: flavor.blurb,
      order: flavor.order,
      markdownCapable: true,
      // Ids in session keys are lowercased there; the delivery context kept with the session is exact.
      preferSessionLookupForAnnounceTarget: true,
    },
    capabilities: { chatTypes: flavor.chatTypes, reply: true, blockStreaming: true, media: true },
    reload: { configPrefixes: [`channels.${id}`], accountScopedRestart: true },
    config: configAdapter(id),
    setupContract: setupContract(id, flavor.setupFields),
    setupWizard: flavor.setupWizard,
    security: { resolveDmPolicy: ({ account }) => dmPolicy(id, account) },
    pairing: {
      idLabel: `${label} user id`,
      normalizeAllowEntry: userId,
      notifyApproval: async ({ cfg, id: user, accountId, meta }) => {
        await sendText(addressOf(id, { cfg, accountId }), {
          to: meta?.["to"] ?? `user:${user}`,
          text: "Access approved. You can write to me now.",
        });
      },
    },
    groups: {
      resolveRequireMention: ({ cfg, accountId, groupId }) =>
        flavor.requireMention(resolveAccount(cfg, id, accountId), placeInSessionKey(groupId ?? "")),
    },
    messaging: messagingAdapter(flavor),
    actions: messageActions(id),
    directory: directoryAdapter(id),
    message: {
      id,
      durableFinal: { capabilities: { text: true, media: true, replyTo: true, messageSendingHooks: true } },
      send: {
        text: async (ctx) => {
          return { receipt: receiptOf(await sendText(addressOf(id, ctx), ctx), ctx.replyToId) };
        },
        media: async (ctx) => {
          const messageIds = await sendText(addressOf(id, ctx), { ...ctx, media: [ctx.mediaUrl] });
          return { receipt: receiptOf(messageIds, ctx.replyToId) };
        },
      },
      receive: { defaultAckPolicy: "after_receive_record", supportedAckPolicies: ["after_receive_record"] },
    },
    outbound: {
      // The connection and the queue of an account live in the gateway: a command line has to go through it.
      deliveryMode: "gateway",
      // The core splits: it knows what the platform counts.
      chunker: null,
      sendText: async (ctx) => {
        const messageIds = await sendText(addressOf(id, ctx), ctx);
        return { channel: id, messageId: messageIds[0] ?? "", receipt: receiptOf(messageIds, ctx.replyToId) };
      },
      sendMedia: async (ctx) => {
        const media = ctx.mediaUrl ? [ctx.mediaUrl] : [];
        const messageIds = await sendText(addressOf(id, ctx), { ...ctx, media });
        return { channel: id, messageId: messageIds[0] ?? "", receipt: receiptOf(messageIds, ctx.replyToId) };
      },
    },
    status: statusAdapter(id, describeAccount, async ({ account, timeoutMs }) =>
      (await import("./probe.ts")).probe(id, account, timeoutMs),
    ),
    gateway: {
      startAccount: async (ctx) => (await machinery()).runAccount(id, ctx),
      // The abort that comes with it ends `startAccount`; there is nothing beside it.
      stopAccount: async () => {},
    },
  };
}

/** The account that sends, where the gateway names none. */
function addressOf(
  channel: Channel,
  { cfg, accountId }: { cfg: OpenClawConfig; accountId?: string | null | undefined },
) {
  return { channel, accountId: accountId ?? defaultAccountId(cfg, channel) };
}

/** Transports, store and core: only for an account that runs. */
function machinery() {
  return import("./run.ts");
}

function configAdapter(id: Channel): ChannelPlugin<Account>["config"] {
  return {
    listAccountIds: (cfg) => accountIds(cfg, id),
    defaultAccountId: (cfg) => defaultAccountId(cfg, id),
    resolveAccount: (cfg, accountId) => resolveAccount(cfg, id, accountId),
    inspectAccount: (cfg, accountId) => describeAccount(resolveAccount(cfg, id, accountId)),
    isEnabled: (account) => account.enabled,
    isConfigured: (account) => account.configured,
    unconfiguredReason: () => "no token",
    describeAccount,
    resolveAllowFrom: ({ cfg, accountId }) => resolveAccount(cfg, id, accountId).access.allowFrom ?? [],
    formatAllowFrom: ({ allowFrom }) => allowFrom.map((entry) => userId(String(entry))),
    setAccountEnabled: ({ cfg, accountId, enabled }) => {
      const section = sectionOf(cfg, id);
      const key = accountKey(section, accountId);
      if (key === undefined) return withSection(cfg, id, { ...section, enabled });
      return withSection(cfg, id, withAccount(section, key, { enabled }));
    },
    deleteAccount: ({ cfg, accountId }) => {
      const section = sectionOf(cfg, id);
      const key = accountKey(section, accountId);
      if (key !== undefined) return withSection(cfg, id, withoutAccount(section, key));
      const { [id]: _deleted, ...others } = { ...cfg.channels };
      return { ...cfg, channels: others };
    },
  };
}

/** Never the token: this goes to every status view. */
function describeAccount({ accountId, name, enabled, configured, access, config }: Account) {
  const baseUrl = config["apiUrl"] ?? config["baseUrl"];
  return {
    accountId,
    enabled,
    configured,
    tokenStatus: configured ? "available" : "missing",
    dmPolicy: access.dmPolicy ?? "pairing",
    allowFrom: access.allowFrom ?? [],
    ...(name === undefined ? {} : { name }),
    ...(typeof baseUrl === "string" ? { baseUrl } : {}),
  };
}

function dmPolicy(id: Channel, { accountId, access }: Account) {
  return {
    policy: access.dmPolicy ?? "pairing",
    allowFrom: access.allowFrom ?? [],
    policyPath: `channels.${id}.accounts.${accountId}.dmPolicy`,
    allowFromPath: `channels.${id}.accounts.${accountId}.`,
    approveHint: `openclaw pairing approve ${id} <code> --account ${accountId}`,
    normalizeEntry: userId,
  };
}

function messagingAdapter({ id, targets, bareId, groupTarget }: Flavor): NonNullable<ChannelPlugin["messaging"]> {
  const kinds = Object.keys(targets);
  // Other adapters write `group:` and `channel:` on both platforms; the core knows what they mean here.
  const grammar = new RegExp(`^(?:${id}:)?(?:${kinds.join("|")}|group):\\S`);
  const normalize = (raw: string) => {
    const target = raw
      .trim()
      .replace(new RegExp(`^${id}:`), "")
      .replace(/^channel:/, "group:");
    return bareId?.test(target) ? groupTarget(target) : target;
  };
  const chatOf = (to: string): Chat | undefined => {
    const target = normalize(to);
    if (target.startsWith("user:")) return "direct";
    return grammar.test(target) && !target.startsWith("session:") ? "group" : undefined;
  };
  return {
    targetPrefixes: [id],
    directTargetStyle: "user-prefixed",
    targetIdComparison: "case-sensitive",
    normalizeTarget: normalize,
    inferTargetChatType: ({ to }) => chatOf(to),
    targetResolver: {
      looksLikeId: (raw) => grammar.test(normalize(raw)),
      hint: Object.values(targets).join(" | "),
      resolveTarget: async ({ input }) => {
        const to = normalize(input);
        return grammar.test(to) ? { to, kind: chatOf(to) === "direct" ? "user" : "group", source: "normalized" } : null;
      },
    },
    resolveSessionConversation: ({ rawId }) => ({ id: placeInSessionKey(rawId) }),
    resolveSessionTarget: ({ id: place }) => groupTarget(placeInSessionKey(place)),
    resolveOutboundSessionRoute: async ({ cfg, agentId, accountId, target }) =>
      outboundRoute(await routing(), cfg, {
        channel: id,
        accountId: accountId ?? defaultAccountId(cfg, id),
        agentId,
        to: normalize(target),
      }),
  };
}
