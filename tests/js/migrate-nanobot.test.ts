/** From nanobot: its Mochat agent becomes an account. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { NANOBOT } from "../../js/cli/migrate/nanobot.ts";
import { Home, planned, type Sections } from "./migration.ts";

/** Every key that nanobot's Mochat channel knows, half of them in either spelling. */
const EVERY_KEY = {
  enabled: false,
  base_url: "https://mochat.io",
  socketUrl: "",
  socket_path: "socket.io",
  socketDisableMsgpack: false,
  socket_reconnect_delay_ms: 1_000,
  socketMaxReconnectDelayMs: 10_000,
  socket_connect_timeout_ms: 10_000,
  refreshIntervalMs: 30_000,
  watch_timeout_ms: 25_000,
  watchLimit: 100,
  retry_delay_ms: 500,
  maxRetryAttempts: 0,
  claw_token: "claw_0123456789abcdef0123",
  agentUserId: "6982abcdef",
  sessions: ["*"],
  panels: ["*"],
  allow_from: ["698owner"],
  mention: { require_in_groups: true },
  groups: { "6981b6": { requireMention: true }, p1: {} },
  reply_delay_mode: "always",
  replyDelayMs: 60_000,
};

const EMPTY: Sections = { channels: { mochat: {} } };

function camel(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function nanobot(home: Home, mochat: object) {
  return { file: home.put("nano/config.json", { channels: { mochat } }), account: "default" };
}

test("every key is taken over or left out with a reason", async (t) => {
  const home = Home.open(t);
  const { after, refusals, told } = await planned("mochat", EMPTY, nanobot(home, EVERY_KEY));
  assert.deepEqual(refusals, []);
  assert.deepEqual(after, {
    accounts: {
      default: {
        baseUrl: "https://mochat.io",
        socketPath: "/socket.io",
        socketDisableMsgpack: false,
        refreshIntervalMs: 30_000,
        clawToken: "claw_0123456789abcdef0123",
        agentUserId: "6982abcdef",
        sessions: ["*"],
        panels: ["*"],
        mention: { requireInGroups: true },
        groups: { "6981b6": { requireMention: true }, p1: { requireMention: false } },
        replyDelayMode: "always",
        replyDelayMs: 60_000,
        dmPolicy: "allowlist",
        allowFrom: ["698owner"],
        groupPolicy: "allowlist",
        groupAllowFrom: ["698owner"],
      },
    },
  });
  assert.match(told.join("\n"), /WHO IS HEARD: those in nanobot's `allowFrom`/);
  assert.match(told.join("\n"), /`replyDelayMode: "always"` delayed nothing/);
  const known = new Set(NANOBOT.rows.map(({ old }) => old.split(".")[0]));
  assert.deepEqual(known, new Set(Object.keys(EVERY_KEY).map(camel)));
});

test("what nanobot left out stays closed, and an environment variable stays where it is", async (t) => {
  const home = Home.open(t);
  const from = nanobot(home, { clawToken: "${CLAW_TOKEN}", typo: 1 });
  const { after, told, refusals } = await planned("mochat", EMPTY, from);
  assert.deepEqual(refusals, []);
  assert.deepEqual((after["accounts"] as Record<string, object>)["default"], {
    clawToken: { source: "env", provider: "default", id: "CLAW_TOKEN" },
    sessions: [],
    panels: [],
    dmPolicy: "pairing",
    allowFrom: [],
    groupPolicy: "allowlist",
    groupAllowFrom: [],
  });
  assert.match(told.join("\n"), /WHO IS HEARD: nobody was/);
  assert.match(told.join("\n"), /`typo` is left out/);
});

test("everybody becomes pairing, loudly", async (t) => {
  const home = Home.open(t);
  const { after, told } = await planned("mochat", EMPTY, nanobot(home, { ...EVERY_KEY, allow_from: ["*"] }));
  const account = (after["accounts"] as Record<string, Record<string, unknown>>)["default"];
  assert.deepEqual(
    [account?.["dmPolicy"], account?.["allowFrom"], account?.["groupPolicy"]],
    ["pairing", undefined, undefined],
  );
  assert.match(told.join("\n"), /NOT OPEN TO EVERYBODY ANY MORE/);
});

test("an account that is there keeps its keys, and a second run finds nothing", async (t) => {
  const home = Home.open(t);
  const from = nanobot(home, EVERY_KEY);
  const mine = { accounts: { default: { clawToken: EVERY_KEY.claw_token, replyDelayMs: 5 } } };
  const { after, refusals } = await planned("mochat", { channels: { mochat: mine } }, from);
  assert.deepEqual(refusals, []);
  assert.equal((after["accounts"] as Record<string, Record<string, unknown>>)["default"]?.["replyDelayMs"], 5);
  assert.deepEqual((await planned("mochat", { channels: { mochat: after } }, from)).changes, []);
});

test("an account never changes its agent, and an agent has one account", async (t) => {
  const home = Home.open(t);
  const from = nanobot(home, EVERY_KEY);
  const refusals = async (accounts: object) =>
    (await planned("mochat", { channels: { mochat: { accounts } } }, from)).refusals;
  assert.match(
    (await refusals({ default: { clawToken: "claw_other" } }))[0] ?? "",
    /has another token already.*--account/,
  );
  assert.match((await refusals({ claw: { clawToken: EVERY_KEY.claw_token } }))[0] ?? "", /go on with --account claw/);
});

test("it is refused while nanobot runs the agent", async (t) => {
  const home = Home.open(t);
  const { refusals } = await planned("mochat", EMPTY, nanobot(home, { ...EVERY_KEY, enabled: true }));
  assert.match(refusals.join(), /nanobot still runs this agent.*Set it to false, and restart nanobot/);
});

test("its cursors are taken over, and a broken file is named", async (t) => {
  const home = Home.open(t);
  const from = nanobot(home, EVERY_KEY);
  const cursors = { schemaVersion: 1, updatedAt: "2026-11-20T10:00:00Z", cursors: { session_a: 7 } };
  home.put("nano/mochat/session_cursors.json", cursors);
  const { imports } = await planned("mochat", EMPTY, from);
  assert.deepEqual(
    imports.map(({ account, cursors: { places } }) => [account, places]),
    [["default", { session_a: 7 }]],
  );
  home.put("nano/mochat/session_cursors.json", "{");
  assert.match((await planned("mochat", EMPTY, from)).refusals.join(), /session_cursors\.json does not tell any more/);
});

function withFile(file: string) {
  return planned("mochat", EMPTY, { file, account: "default" });
}

test("a file that is none of nanobot's is named", async (t) => {
  const home = Home.open(t);
  await assert.rejects(withFile(join(home.folder, "none.json")), /can't be read: .*none\.json.*--config/);
  const broken = home.put("broken.json", '{ "channels": { "mochat": { "clawToken": claw_0123');
  await assert.rejects(
    withFile(broken),
    ({ message }: Error) => /broken\.json is no JSON/.test(message) && !/claw_/.test(message),
  );
  await assert.rejects(
    withFile(home.put("other.json", { channels: {} })),
    /other\.json: channels\.mochat\.clawToken is missing/,
  );
});
