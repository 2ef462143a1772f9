/** `openclaw-channel-dmwork`, the DMWork plugin. It read the same section of the same file. */
import { OLD_PLUGINS } from "../../channels/old-plugins.ts";
import { asValues } from "../../channels/accounts.ts";
import type { OldPlugin, Row } from "./table.ts";

const SAME = "As before.";

const ROWS: readonly Row[] = [
  { old: "enabled", now: "enabled", note: "As before, but a channel that is off is off for all its accounts." },
  { old: "name", now: "name", note: SAME },
  { old: "botToken", now: "botToken", note: "As before; a SecretRef is possible now." },
  {
    old: "apiUrl",
    now: "apiUrl",
    was: "http://localhost:8090",
    note: "Written down where it was left out: that meant `http://localhost:8090`, and is an error now.",
  },
  { old: "wsUrl", now: "wsUrl", note: "As before. Best left out: a server that moves its endpoint says so." },
  { old: "cdnUrl", now: "cdnUrl", note: SAME },
  {
    old: "requireMention",
    now: "requireMention",
    note: "As before, and for single groups and threads (`groups.<id>.requireMention`).",
  },
  { old: "ignoreMentionAll", now: "ignoreMentionAll", note: SAME },
  {
    old: "historyLimit",
    now: "historyLimit",
    note: "As before, 0 to 200. What went along with a question is not told again, and `/new` forgets it.",
  },
  {
    old: "historyPromptTemplate",
    now: "historyPromptTemplate",
    note: "As before. In `{messages}` each message has its `time` as well, and `sender` is a name where one is known.",
  },
  {
    old: "heartbeatIntervalMs",
    now: "heartbeatIntervalMs",
    note: "As before; a heartbeat that fails costs no connection.",
  },
  { old: "pollIntervalMs", note: "Dropped: it had no effect. Messages come by themselves." },
  { old: "botUid", note: "Dropped: it had no effect. The server tells it." },
  { old: "onBehalfOf", note: "Dropped: the bot speaks as itself, and never as a person." },
  {
    old: "agentModel",
    note: "Dropped: it had no effect. A model is an agent's; `openclaw dmwork setup --agent <id>` binds one.",
  },
  {
    old: "systemPrompt",
    note: 'Dropped: it had no effect. Instructions for groups stand in `groups."*".systemPrompt`, any others with the agent.',
  },
  { old: "accounts.<id>", now: "accounts.<id>", note: "As before; ids that differ in case only are one account." },
];

export const DMWORK: OldPlugin = {
  name: "openclaw-channel-dmwork",
  ids: OLD_PLUGINS.dmwork,
  rows: ROWS,
  changes: [
    "The agent begins new conversations in groups and threads: these name their account now, so that two bots in one group never share one.",
    "What was said before the gateway starts is not answered, only told as context: the older plugin noted nowhere how far it had read. From then on nothing is lost.",
    "GROUP.md and THREAD.md are read from the server before the first turn in a place; a thread has those of its group as well. The older plugin's copies are not needed.",
    "An answer in a group is a reply to its question and calls who asked; a long one appears while it is written (`replyToQuestion`, `mentionAsker`, `liveReplies`).",
    "Quoting a message of the bot calls it (`mentionByQuote`), `@all` in its own messages is plain text (`allowMentionAll`), other bots are not heard (`allowBots`).",
    "One sender is answered ten times a minute (`maxMessagesPerMinute`).",
    "The tool `dmwork_management` is now several (`dmwork_groups`, `dmwork_threads`, …), which change things for the owner only: name them where `tools` lists it. Commands like `/dmwork_install` are gone.",
  ],
  changesOf: (config) => groupsCount(config["groups"]),
};

function groupsCount(groups: unknown): string[] {
  return Object.keys(asValues(groups)).length > 0 ? ["What `groups` says holds now; it had no effect."] : [];
}
