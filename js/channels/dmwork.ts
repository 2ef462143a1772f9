import type { DmworkConfig } from "../core/protocol.ts";
import { channelPlugin } from "./plugin.ts";
import { setupWizard } from "./wizard.ts";

/** DMWork / Octo. */
export const dmwork = channelPlugin({
  id: "dmwork",
  label: "DMWork",
  blurb: "Bots in DMWork direct messages, groups and threads.",
  order: 92,
  targets: { user: "user:<uid>", group: "group:<group_no>", thread: "thread:<group_no>____<short_id>" },
  bareId: /^[0-9a-f]{32}(?:____\d+)?$/,
  // Covers threads as well: the core tells them by their id.
  groupTarget: (id) => `group:${id}`,
  chatTypes: ["direct", "group", "thread"],
  setupFields: [
    {
      key: "botToken",
      flags: "--bot-token <token>",
      description: "The bot's token from BotFather (bf_…)",
      sensitive: true,
    },
    { key: "apiUrl", flags: "--api-url <url>", description: "The server's bot API" },
  ],
  setupWizard: setupWizard("dmwork", "DMWork", "a bot"),
  // What the core does, for the gateway's prompts: tests/vectors/require-mention.json binds both.
  requireMention: (account, groupId) => {
    const { groups, requireMention }: Pick<DmworkConfig, "groups" | "requireMention"> = account.config;
    const [group = ""] = groupId.split("____");
    const rules = [groupId, group, "*"].map((id) => groups?.[id]?.requireMention);
    return rules.find((rule) => rule !== undefined) ?? requireMention ?? true;
  },
});
