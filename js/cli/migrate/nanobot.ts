/** nanobot's Mochat channel. It has a file of its own, with keys in camelCase or snake_case and one agent. */
import { readFileSync } from "node:fs";
import { messageOf } from "../../core/errors.ts";
import { asValues, type Values } from "../../channels/accounts.ts";
import { listed, type OldPlugin, type Row } from "./table.ts";

const SAME = "Taken over.";
const RECONNECTS = "Left out: a lost connection is tried again for as long as it takes, with growing pauses.";
const TIMEOUTS = "Left out: the plugin knows how long each step may take.";

const ROWS: readonly Row[] = [
  { old: "enabled", note: "Left out: the account runs as soon as the gateway does. nanobot's has to be off." },
  { old: "baseUrl", now: "baseUrl", note: SAME },
  { old: "socketUrl", now: "socketUrl", note: "Taken over unless empty, without a path: that is `socketPath`." },
  { old: "socketPath", now: "socketPath", note: "Taken over; a missing `/` is put in front." },
  { old: "socketDisableMsgpack", now: "socketDisableMsgpack", note: SAME },
  { old: "socketReconnectDelayMs", note: RECONNECTS },
  { old: "socketMaxReconnectDelayMs", note: RECONNECTS },
  { old: "socketConnectTimeoutMs", note: TIMEOUTS },
  { old: "refreshIntervalMs", now: "refreshIntervalMs", note: SAME },
  { old: "watchTimeoutMs", note: TIMEOUTS },
  { old: "watchLimit", note: "Left out: as much is asked for as the server gives at once." },
  { old: "retryDelayMs", note: "Left out: whether and when a call is repeated depends on how it failed." },
  { old: "maxRetryAttempts", note: "Left out: a connection is never given up." },
  {
    old: "clawToken",
    now: "clawToken",
    note: "Taken over; `${NAME}` becomes a SecretRef of the environment.",
  },
  { old: "agentUserId", now: "agentUserId", note: "Taken over unless empty: the server is asked." },
  { old: "sessions", now: "sessions", was: [], note: "Taken over. Left out it meant none, which is written down." },
  { old: "panels", now: "panels", was: [], note: "Taken over. Left out it meant none, which is written down." },
  {
    old: "allowFrom",
    now: "dmPolicy, allowFrom, groupPolicy, groupAllowFrom",
    note: "It held for direct messages and panels alike. A list becomes both allowlists; empty or left out, nobody was heard, and now the owner is; `*` becomes pairing for direct messages.",
  },
  {
    old: "mention.requireInGroups",
    now: "mention.requireInGroups",
    note: "Taken over, and holds in every delay mode.",
  },
  {
    old: "groups.<id>.requireMention",
    now: "groups.<id>.requireMention",
    note: "Taken over, and holds in every delay mode. Left out it meant `false`, which is written down.",
  },
  { old: "replyDelayMode", now: "replyDelayMode", note: "Taken over. `always` had no effect, and has one now." },
  { old: "replyDelayMs", now: "replyDelayMs", note: SAME },
];

export const NANOBOT: OldPlugin = {
  name: "nanobot",
  ids: [],
  rows: ROWS,
  changes: [
    "Conversations begin anew: what nanobot remembers stays with nanobot.",
    "Sessions of more than two are group chats: each has a conversation of its own with the agent.",
    "Other agents are answered only when they mention this one (`allowBots`), one sender ten times a minute (`maxMessagesPerMinute`).",
  ],
  changesOf: (config) =>
    config["replyDelayMode"] === "always"
      ? ['`replyDelayMode: "always"` delayed nothing. Now every answer in a panel waits for quiet, mentions as well.']
      : [],
};

export type Nanobot = {
  /** As this plugin writes the account. */
  keys: Values;
  /** Whether nanobot runs the channel. */
  isOn: boolean;
  /** Keys that nanobot does not know either. */
  unknown: string[];
};

/** Reads nanobot's file. Throws one sentence if it holds no agent. */
export function readNanobot(path: string): Nanobot {
  const section = asValues(asValues(parsed(path)["channels"])["mochat"]);
  const found = Object.fromEntries(Object.entries(section).map(([key, value]) => [camel(key), value]));
  if (listed([found["clawToken"] ?? ""]).length === 0) {
    throw new Error(
      `${path}: channels.mochat.clawToken is missing, so there is no agent to take over. Name the right file with --config.`,
    );
  }
  const known = new Set(ROWS.map(({ old }) => old.split(".")[0]));
  return {
    keys: Object.fromEntries(Object.entries(keysOf(found)).filter(([, value]) => value !== undefined && value !== "")),
    isOn: found["enabled"] === true,
    unknown: Object.keys(found).filter((key) => !known.has(key)),
  };
}

function parsed(path: string): Values {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`nanobot's configuration can't be read: ${messageOf(error)}. Name it with --config.`, {
      cause: error,
    });
  }
  try {
    return asValues(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Its message shows a piece of the text, which may be one of a token.
    throw new Error(`${path} is no JSON. Put it right, or name another file with --config.`, { cause: error });
  }
}

function keysOf(found: Values): Values {
  const { mention, groups, socketPath, clawToken, allowFrom } = found;
  const same = ROWS.filter(({ old, now }) => old === now && !old.includes("."));
  return {
    ...Object.fromEntries(same.map(({ old, was }) => [old, found[old] ?? was])),
    clawToken: secret(clawToken),
    socketPath: typeof socketPath === "string" && socketPath ? `/${socketPath.replace(/^\/+/, "")}` : undefined,
    mention: mention === undefined ? undefined : { requireInGroups: read(mention, "requireInGroups") === true },
    groups: groups === undefined ? undefined : rules(groups),
    ...access(listed(allowFrom)),
  };
}

function rules(groups: unknown): Values {
  const each = Object.entries(asValues(groups));
  return Object.fromEntries(each.map(([id, rule]) => [id, { requireMention: read(rule, "requireMention") === true }]));
}

function access(allowed: string[]): Values {
  if (allowed.includes("*")) return { dmPolicy: "pairing" };
  const dmPolicy = allowed.length > 0 ? "allowlist" : "pairing";
  return { dmPolicy, allowFrom: allowed, groupPolicy: "allowlist", groupAllowFrom: allowed };
}

/** `${NAME}` is replaced by nanobot when it starts; the gateway's way to say so is a SecretRef. */
function secret(token: unknown): unknown {
  const [, id] = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(String(token).trim()) ?? [];
  return id === undefined ? String(token).trim() : { source: "env", provider: "default", id };
}

function read(rule: unknown, key: string): unknown {
  return Object.entries(asValues(rule)).find(([name]) => camel(name) === key)?.[1];
}

function camel(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
