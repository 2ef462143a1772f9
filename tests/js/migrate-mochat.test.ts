/** From `@jiabintang/mochat`: what becomes of its section of openclaw.json and of its cursors. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { notesOf, readCursors } from "../../js/cli/migrate/cursors.ts";
import { MOCHAT } from "../../js/cli/migrate/mochat.ts";
import { Store } from "../../js/io/store.ts";
import { Home, planned } from "./migration.ts";

/** Every key that the older plugin's schema knows, beside `accounts`. */
const EVERY_KEY = {
  name: "Claw",
  enabled: true,
  baseUrl: "https://mochat.io",
  clawToken: "claw_0123456789abcdef0123",
  agentUserId: "698211ea99e79b91f1ee449f",
  sessions: ["session_a"],
  panels: ["*"],
  mention: { requireInGroups: true },
  groups: { "6981b6": { requireMention: false }, "*": { requireMention: true } },
  socketUrl: "https://mochat.io",
  socketPath: "/socket.io",
  socketDisableMsgpack: true,
  socketReconnectDelayMs: 1_000,
  socketMaxReconnectDelayMs: 10_000,
  socketConnectTimeoutMs: 10_000,
  refreshIntervalMs: 30_000,
  watchTimeoutMs: 25_000,
  watchLimit: 100,
  retryDelayMs: 200,
  maxRetryAttempts: 3,
  replyDelayMode: "non-mention",
  replyDelayMs: 60_000,
};

test("every key stays, is written down or goes with a reason", async (t) => {
  const home = Home.open(t);
  home.put("mochat/cursors/default.json", { schemaVersion: 1, updatedAt: "2026-11-20T10:00:00.000Z", cursors: {} });
  const { after, told, refusals } = await planned("mochat", { channels: { mochat: EVERY_KEY } });
  const gone = MOCHAT.rows.filter(({ now }) => now === undefined).map(({ old }) => old);
  const kept = Object.entries(EVERY_KEY).filter(([key]) => !gone.includes(key));
  assert.deepEqual(after, { ...Object.fromEntries(kept), dmPolicy: "pairing" });
  assert.deepEqual(refusals, []);
  for (const key of gone)
    assert.ok(
      told.some((line) => line.startsWith(`\`${key}\`: Dropped: `)),
      key,
    );
  assert.match(told.join("\n"), /NOT OPEN TO EVERYBODY ANY MORE.*openclaw pairing approve mochat/);
  assert.match(told.join("\n"), /default: Panels that need a mention stay silent without one/);
  assert.match(told.join("\n"), /default: Sessions that `sessions` does not list are not heard any more/);
  assert.match(told.join("\n"), /WHAT WAS SAID SINCE 2026-11-20T10:00:00.000Z IS ANSWERED/);
  const known = new Set(MOCHAT.rows.map(({ old }) => old.split(".")[0]));
  assert.deepEqual(
    Object.keys(EVERY_KEY).filter((key) => !known.has(key)),
    [],
  );
});

test("what was understood without words is written down for each account, and keys beside them still hold for all", async (t) => {
  Home.open(t);
  const section = {
    maxRetryAttempts: 5,
    replyDelayMode: "non-mention",
    accounts: {
      claw: { clawToken: "${CLAW_TOKEN}", panels: ["p1"], watchLimit: 50 },
      Scout: { clawToken: { source: "env", provider: "default", id: "SCOUT" }, baseUrl: "https://im.example/api" },
    },
  };
  const { after, refusals, told } = await planned("mochat", { channels: { mochat: section } });
  assert.deepEqual(after, {
    replyDelayMode: "non-mention",
    accounts: {
      claw: {
        clawToken: "${CLAW_TOKEN}",
        panels: ["p1"],
        sessions: [],
        baseUrl: "http://localhost:11000",
        dmPolicy: "pairing",
      },
      Scout: { ...section.accounts.Scout, sessions: [], panels: [], dmPolicy: "pairing" },
    },
  });
  assert.deepEqual(refusals, []);
  assert.match(told.join("\n"), /scout: `sessions` and `panels` name nothing: it did not run/);
});

test("a second run finds nothing, and an account that was made for this plugin stays as it is", async (t) => {
  const home = Home.open(t);
  const { after } = await planned("mochat", { channels: { mochat: EVERY_KEY } });
  assert.deepEqual((await planned("mochat", { channels: { mochat: after } })).changes, []);
  const fresh = { clawToken: "claw_0123456789abcdef0123", allowFrom: ["698"] };
  assert.deepEqual((await planned("mochat", { channels: { mochat: fresh } })).changes, []);
  const ran = { clawToken: "claw_0123456789abcdef0123", watchLimit: 1 };
  const store = Store.open(home.store("mochat", "default"));
  store.commit({ entries: [], notes: [{ key: "since", value: "1" }] });
  store.close();
  const { changes, imports } = await planned("mochat", { channels: { mochat: ran } });
  assert.deepEqual(changes, [{ path: ["channels", "mochat", "watchLimit"], value: undefined }]);
  assert.deepEqual(imports, []);
});

test("what can't work here is refused with the key and the way out", async (t) => {
  Home.open(t);
  const token = { clawToken: "claw_0123456789abcdef0123" };
  for (const [more, told] of [
    [{ baseUrl: "http://im.example" }, /^default: baseUrl: would send the token unencrypted.*https/],
    [{ socketUrl: "https://im.example/ws" }, /^default: socketUrl: has a path/],
    [{ socketPath: "socket.io" }, /^default: socketPath: does not start with \//],
    [{ accounts: { a: token, A: token } }, /^a: accounts: a and A are the same account/],
    [{ accounts: { a: token, b: token } }, /^b: clawToken: accounts a and b have the same one/],
  ] as const) {
    const { refusals } = await planned("mochat", { channels: { mochat: { ...token, ...more } } });
    assert.match(refusals[0] ?? "", told);
  }
  await assert.rejects(planned("mochat", { channels: { mochat: { name: "x" } } }), /has no account/);
});

test("it is refused while the older plugin is there and not switched off", async (t) => {
  const home = Home.open(t);
  const channels = { mochat: EVERY_KEY };
  const refused = async (plugins?: object) =>
    (await planned("mochat", { channels, ...(plugins ? { plugins } : {}) })).refusals;
  const entry = { mochat: { enabled: true } };
  const [why, ...more] = await refused({ entries: entry });
  assert.deepEqual(more, []);
  assert.match(why ?? "", /^The plugin mochat is still enabled.*openclaw plugins disable mochat$/);
  assert.deepEqual(await refused({ entries: { mochat: { enabled: false } } }), []);
  assert.deepEqual(await refused({ entries: entry, enabled: false }), []);
  assert.deepEqual(await refused({ entries: entry, deny: ["mochat"] }), []);
  assert.deepEqual(await refused({ entries: entry, allow: ["openclaw-mochat-dmwork"] }), []);
  assert.deepEqual(await refused(), []);
  home.put("extensions/mochat/openclaw.plugin.json", { id: "mochat", channels: ["mochat"] });
  assert.equal((await refused()).length, 1);
  assert.deepEqual(await refused({ entries: { mochat: { enabled: false } } }), []);
});

test("cursors are read as the older plugin read them, and noted as this one does", (t) => {
  const home = Home.open(t);
  const file = home.put("mochat/cursors/default.json", {
    schemaVersion: 1,
    updatedAt: "2026-11-20T10:00:00.000Z",
    cursors: {
      session_a: 42,
      session_old: 2_147_483_647,
      "698panel": 7,
      session_b: -1,
      session_c: "9",
      session_d: 3.5,
    },
  });
  const cursors = readCursors(file);
  assert.ok(cursors);
  const at = String(Date.parse("2026-11-20T10:00:00.000Z"));
  assert.deepEqual(
    notesOf(cursors).map(({ key, value }) => [key, value]),
    [
      ["since", at],
      ["read/session_a", at],
      ["cursor/session_a", "42"],
      ["read/698panel", at],
      ["read/session_d", at],
      ["cursor/session_d", "3"],
    ],
  );
  assert.equal(readCursors(`${file}.none`), undefined);
});

test("a file of cursors that is torn is no reason to answer everything or nothing", async (t) => {
  const home = Home.open(t);
  for (const text of ['{ "schemaVersion": 1, "cur', "[]", '{ "cursors": {} }', '{ "updatedAt": "2026-11-20" }']) {
    home.put("mochat/cursors/default.json", text);
    const { refusals } = await planned("mochat", { channels: { mochat: EVERY_KEY } });
    assert.match(refusals.join(), /^default: .*default\.json does not tell any more how far.*move it away/, text);
  }
});
