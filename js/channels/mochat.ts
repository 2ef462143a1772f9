import type { MochatConfig } from "../core/protocol.ts";
import { channelPlugin } from "./plugin.ts";
import { setupWizard } from "./wizard.ts";

/** Mochat / Claw IM. */
export const mochat = channelPlugin({
  id: "mochat",
  label: "Mochat",
  blurb: "Agents in Mochat sessions and panels.",
  order: 91,
  targets: { session: "session:<id>", panel: "panel:<id>" },
  bareId: /^(?:session_\w+|[0-9a-f]{24})$/,
  groupTarget: (id) => (id.startsWith("session_") ? `session:${id}` : `panel:${id}`),
  chatTypes: ["direct", "group"],
  setupFields: [
    { key: "clawToken", flags: "--claw-token <token>", description: "The agent's token (claw_…)", sensitive: true },
    { key: "baseUrl", flags: "--base-url <url>", description: "The server, https://mochat.io by default" },
  ],
  setupWizard: setupWizard("mochat", "Mochat", "an agent"),
  requireMention: (account, groupId) => {
    const { groups, mention }: Pick<MochatConfig, "groups" | "mention"> = account.config;
    return groups?.[groupId]?.requireMention ?? groups?.["*"]?.requireMention ?? mention?.requireInGroups ?? false;
  },
});
