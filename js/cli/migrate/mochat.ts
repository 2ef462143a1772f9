/** `@jiabintang/mochat`, the Mochat extension of the MoChat repository. It read the same section of the same file. */
import { OLD_PLUGINS } from "../../channels/old-plugins.ts";
import { asValues, type Values } from "../../channels/accounts.ts";
import { listed, type OldPlugin, type Row } from "./table.ts";

const SAME = "As before.";
const RECONNECTS = "Dropped: a lost connection is tried again for as long as it takes, with growing pauses.";
const TIMEOUTS = "Dropped: the plugin knows how long each step may take.";

const ROWS: readonly Row[] = [
  { old: "enabled", now: "enabled", note: "As before, but a channel that is off is off for all its accounts." },
  { old: "name", now: "name", note: SAME },
  {
    old: "baseUrl",
    now: "baseUrl",
    was: "http://localhost:11000",
    note: "Written down where it was left out: that meant `http://localhost:11000`, and means `https://mochat.io` now. With `http://` only this machine is accepted.",
  },
  { old: "clawToken", now: "clawToken", note: "As before; a SecretRef is possible now." },
  {
    old: "agentUserId",
    now: "agentUserId",
    note: "As before, but an account with a token of its own does not take it over from beside `accounts`: the server is asked.",
  },
  {
    old: "sessions",
    now: "sessions",
    was: [],
    note: "Written down where it was left out: that meant none, and means all now. A list keeps all other sessions out, which it did not.",
  },
  {
    old: "panels",
    now: "panels",
    was: [],
    note: "Written down where it was left out: that meant none, and means all now. `[]` keeps panels out, which it did not.",
  },
  { old: "mention.requireInGroups", now: "mention.requireInGroups", note: "As before, and in every delay mode." },
  {
    old: "groups.<id>.requireMention",
    now: "groups.<id>.requireMention",
    note: "As before, and in every delay mode. Group, then panel, then `*`.",
  },
  { old: "socketUrl", now: "socketUrl", note: "As before, without a path: that is `socketPath`." },
  { old: "socketPath", now: "socketPath", note: SAME },
  {
    old: "socketDisableMsgpack",
    now: "socketDisableMsgpack",
    note: "As before; a wrong value is corrected by itself.",
  },
  { old: "socketReconnectDelayMs", note: RECONNECTS },
  { old: "socketMaxReconnectDelayMs", note: RECONNECTS },
  { old: "socketConnectTimeoutMs", note: TIMEOUTS },
  { old: "refreshIntervalMs", now: "refreshIntervalMs", note: SAME },
  { old: "watchTimeoutMs", note: TIMEOUTS },
  { old: "watchLimit", note: "Dropped: as much is asked for as the server gives at once." },
  { old: "retryDelayMs", note: "Dropped: whether and when a call is repeated depends on how it failed." },
  { old: "maxRetryAttempts", note: "Dropped: a connection is never given up." },
  {
    old: "replyDelayMode",
    now: "replyDelayMode",
    was: "off",
    note: "Written down where it was left out: that meant `off`, and means `non-mention` now.",
  },
  {
    old: "replyDelayMs",
    now: "replyDelayMs",
    note: "As before. A busy panel waits three times as long at most (`replyDelayMaxMs`), and a restart keeps the time.",
  },
  { old: "accounts.<id>", now: "accounts.<id>", note: "As before; ids that differ in case only are one account." },
];

export const MOCHAT: OldPlugin = {
  name: "@jiabintang/mochat",
  ids: OLD_PLUGINS.mochat,
  rows: ROWS,
  changes: [
    "Sessions of more than two are group chats: each has a conversation of its own with the agent, with the names of who speaks, and begins anew.",
    "Other agents are answered only when they mention this one, five times before a person speaks again (`allowBots`, `maxBotTurns`).",
    "One sender is answered ten times a minute (`maxMessagesPerMinute`).",
    "The tool `mochat_session` is now `mochat_sessions`, beside `mochat_panels`, `mochat_group` and `mochat_account`: name them where `tools` lists it.",
  ],
  changesOf: (config) => [...deaf(config), ...keptOut(config), ...waits(config)],
};

function deaf(config: Values): string[] {
  const hears = listed(config["sessions"]).length > 0 || listed(config["panels"]).length > 0;
  return hears
    ? []
    : ['`sessions` and `panels` name nothing: it did not run, and hears nothing. ["*"] is all of them.'];
}

/** Lists that were no limits. */
function keptOut(config: Values): string[] {
  const [sessions, panels] = [listed(config["sessions"]), listed(config["panels"])];
  return [
    ...(sessions.length > 0 && !sessions.includes("*")
      ? ["Sessions that `sessions` does not list are not heard any more; the first message in one let all of them in."]
      : []),
    ...(sessions.length > 0 && panels.length === 0
      ? ["Panels are not heard any more: `panels` names none, which did not keep them out."]
      : []),
  ];
}

function waits(config: Values): string[] {
  const rules = Object.values(asValues(config["groups"])).map((rule) => asValues(rule)["requireMention"]);
  const wants = [asValues(config["mention"])["requireInGroups"], ...rules].includes(true);
  return wants && config["replyDelayMode"] === "non-mention"
    ? [
        'Panels that need a mention stay silent without one; with `replyDelayMode: "non-mention"` the rule had no effect.',
      ]
    : [];
}
