/** From `openclaw-channel-dmwork`: what becomes of its section of openclaw.json and of its copies of rules. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DMWORK } from "../../js/cli/migrate/dmwork.ts";
import { Home, planned } from "./migration.ts";

/** Every key that any version of the older plugin or its documentation knows, beside `accounts`. */
const EVERY_KEY = {
  name: "Reviewer",
  enabled: true,
  botToken: "bf_0123456789abcdef0123",
  apiUrl: "https://im.example/api",
  wsUrl: "wss://im.example/ws",
  cdnUrl: "https://cdn.example/bucket",
  pollIntervalMs: 2_000,
  heartbeatIntervalMs: 30_000,
  requireMention: true,
  ignoreMentionAll: true,
  botUid: "reviewer_bot",
  historyLimit: 30,
  historyPromptTemplate: "{count} messages: {messages}",
  agentModel: "some/model",
  systemPrompt: "Be brief.",
};

test("every key stays, is written down or goes with a reason", async (t) => {
  Home.open(t);
  const { after, told, refusals, imports } = await planned("dmwork", { channels: { dmwork: EVERY_KEY } });
  const gone = DMWORK.rows.filter(({ now }) => now === undefined).map(({ old }) => old);
  const kept = Object.entries(EVERY_KEY).filter(([key]) => !gone.includes(key));
  assert.deepEqual(after, { ...Object.fromEntries(kept), dmPolicy: "pairing" });
  assert.deepEqual([refusals, imports], [[], []]);
  for (const key of gone.filter((name) => name in EVERY_KEY)) {
    assert.ok(
      told.some((line) => line.startsWith(`\`${key}\`: Dropped: `)),
      key,
    );
  }
  assert.match(told.join("\n"), /NOT OPEN TO EVERYBODY ANY MORE.*openclaw pairing approve dmwork/);
  assert.match(told.join("\n"), /What was said before the gateway starts is not answered/);
  const known = new Set(DMWORK.rows.map(({ old }) => old.split(".")[0]));
  assert.deepEqual(
    Object.keys(EVERY_KEY).filter((key) => !known.has(key)),
    [],
  );
});

test("several bots keep their keys, and a server that was meant without words is written down", async (t) => {
  Home.open(t);
  const reviewer = { botToken: "${REVIEWER}", apiUrl: "https://im.example", onBehalfOf: "ann" };
  const helper = { botToken: { source: "env", provider: "default", id: "HELPER" }, enabled: false };
  const section = { requireMention: false, pollIntervalMs: 500, accounts: { reviewer, helper } };
  const { after, refusals } = await planned("dmwork", { channels: { dmwork: section } });
  const { onBehalfOf: _gone, ...left } = reviewer;
  assert.deepEqual(after, {
    requireMention: false,
    accounts: {
      reviewer: { ...left, dmPolicy: "pairing" },
      helper: { ...helper, apiUrl: "http://localhost:8090", dmPolicy: "pairing" },
    },
  });
  assert.deepEqual(refusals, []);
  assert.deepEqual((await planned("dmwork", { channels: { dmwork: after } })).changes, []);
});

test("a bot that ran under a channel that is off is told that it does not any more", async (t) => {
  Home.open(t);
  const section = {
    enabled: false,
    apiUrl: "https://im.example",
    accounts: { one: { botToken: "bf_1", enabled: true } },
  };
  const { told } = await planned("dmwork", { channels: { dmwork: section } });
  assert.ok(told.some((line) => line.startsWith("one: it does not run any more: its channel is off")));
});

test("rules for groups that had no effect are said to have one", async (t) => {
  Home.open(t);
  const section = { ...EVERY_KEY, groups: { g1: { requireMention: false } } };
  const { told, refusals } = await planned("dmwork", { channels: { dmwork: section } });
  assert.ok(told.includes("default: What `groups` says holds now; it had no effect."));
  assert.deepEqual(refusals, []);
});

test("copies of rules are counted and left alone", async (t) => {
  const home = Home.open(t);
  for (const path of [
    "default/groups/g1/GROUP.md",
    "default/groups/g1/threads/123/THREAD.md",
    "b/groups/g2/GROUP.md",
  ]) {
    home.put(`.openclaw/workspace/dmwork/${path}`, "# Rules");
  }
  const { told } = await planned("dmwork", { channels: { dmwork: EVERY_KEY } });
  assert.match(told.join("\n"), /3 copies of GROUP\.md and THREAD\.md in .* are not used: the server is asked/);
});

test("it is refused while the older plugin is there, by either of its names", async (t) => {
  const home = Home.open(t);
  const channels = { dmwork: EVERY_KEY };
  for (const id of ["openclaw-channel-dmwork", "dmwork"]) {
    const { refusals } = await planned("dmwork", { channels, plugins: { entries: { [id]: {} } } });
    assert.match(refusals.join(), new RegExp(`openclaw plugins disable ${id}$`));
  }
  const folder = "npm/projects/openclaw-channel-dmwork-1a2b/node_modules/openclaw-channel-dmwork";
  home.put(`${folder}/openclaw.plugin.json`, { id: "openclaw-channel-dmwork" });
  assert.equal((await planned("dmwork", { channels })).refusals.length, 1);
});
