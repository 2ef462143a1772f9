/** What `openclaw channels status` is given of an account. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { resolveAccount } from "../../js/channels/accounts.ts";
import { dmwork } from "../../js/channels/dmwork.ts";
import { announce } from "../../js/host/running.ts";
import { StatusBoard } from "../../js/host/status.ts";
import { Store } from "../../js/io/store.ts";
import { run, storePath } from "./scripted.ts";

const ADDRESS = { channel: "dmwork", accountId: "one" } as const;
const cfg = { channels: { dmwork: { accounts: { one: { botToken: "bf_1" } } } } };
const NOW = new Date(2026, 0, 2, 12).getTime();
const MINUTE = 60_000;

type Runtime = { accountId: string } & Record<string, unknown>;

/** What the gateway keeps of the account: every patch on top of those before. */
function board() {
  const runtime: Runtime = { accountId: "one" };
  return { runtime, status: new StatusBoard((patch) => void Object.assign(runtime, patch)) };
}

async function shown(runtime: Runtime) {
  const account = resolveAccount(cfg, "dmwork", "one");
  const snapshot = await dmwork.status?.buildAccountSnapshot?.({ account, cfg, runtime });
  assert.ok(snapshot);
  const { mode, since, reconnects, waiting, deadLetters, dropped } = { ...snapshot } as Record<string, unknown>;
  const warnings = dmwork.status?.collectStatusIssues?.([snapshot]).map(({ message }) => message);
  return { mode, standing: { since, reconnects, waiting, deadLetters, dropped }, warnings };
}

function entry(id: string) {
  return { id, place: "user:ann", record: "{}", receivedAt: NOW };
}

function offered(turn: string, at: number) {
  return { kind: "offered", turn, entries: [turn], at } as const;
}

/** Three messages that wait, one of them queued by the gateway; one with the agent, one that failed, three that were dropped. */
function talkOfTheDay(t: TestContext): Store {
  const store = Store.open(storePath(t));
  const ids = ["judged", "queued", "again", "working", "failed", "d1", "d2", "d3", "own", "kept", "done"];
  store.commit({ entries: ids.map(entry), notes: [] });
  store.note([
    offered("queued", 1),
    { kind: "deferred", turn: "queued", at: 2 },
    // Queued, let go and offered anew.
    offered("again", 1),
    { kind: "deferred", turn: "again", at: 2 },
    offered("again", 3),
    offered("working", 1),
    { kind: "adopted", turn: "working", at: 2 },
  ]);
  store.resolve(["failed"], { verdict: "fail", reason: "turn-failed" });
  store.resolve(["d1", "d2"], { verdict: "ignore", reason: "access-denied" });
  store.resolve(["d3"], { verdict: "ignore", reason: "too-fast" });
  store.resolve(["own"], { verdict: "ignore", reason: "own-message" });
  store.resolve(["done"], { verdict: "answer", reason: "direct" });
  store.keep(["kept"]);
  return store;
}

test("a running account shows since when it is connected, its reconnects, and how its messages stand", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  const { drive } = await run(t, () => [], talkOfTheDay(t));
  using _announced = announce(ADDRESS, drive);
  const { runtime, status } = board();
  status.publish({ lifecycle: "ready", detail: "connected as bot" });
  const { mode, standing, warnings } = await shown(runtime);
  assert.deepEqual(standing, {
    since: NOW,
    reconnects: { today: 0, sinceStart: 0 },
    waiting: { messages: 3, deferred: 1 },
    deadLetters: 1,
    dropped: { "access-denied": 2, "too-fast": 1 },
  });
  const since = new Date(NOW).toISOString();
  assert.equal(
    mode,
    `ready since ${since}; reconnects 0 today and 0 since the start; waiting 3 (1 deferred); dead letters 1; ` +
      "dropped 3 (access-denied 2, too-fast 1)",
  );
  assert.deepEqual(warnings, ["1 messages failed for good"]);
});

test("an account that lost its connection is warned of with the reason, and yesterday's reconnects are not today's", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  const { drive } = await run(t, () => []);
  using _announced = announce(ADDRESS, drive);
  const { runtime, status } = board();
  for (const lifecycle of ["ready", "recovering", "ready", "recovering"] as const) {
    status.publish({ lifecycle, detail: "disconnected: ECONNREFUSED" });
  }
  assert.deepEqual((await shown(runtime)).standing.reconnects, { today: 1, sinceStart: 1 });
  t.mock.timers.setTime(NOW + 24 * 60 * MINUTE);
  const { standing, warnings } = await shown(runtime);
  assert.deepEqual(standing.reconnects, { today: 0, sinceStart: 1 });
  assert.deepEqual(warnings, [`disconnected: ECONNREFUSED (since ${new Date(NOW).toISOString()})`]);
});

test("a connection from which nothing comes is warned of before it is given up", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  const { drive } = await run(t, () => []);
  using _announced = announce(ADDRESS, drive);
  const { runtime, status } = board();
  status.publish({ lifecycle: "ready", detail: "connected as bot" });
  t.mock.timers.setTime(NOW + 30_000);
  assert.deepEqual((await shown(runtime)).warnings, []);
  t.mock.timers.setTime(NOW + 40_000);
  assert.deepEqual((await shown(runtime)).warnings, ["nothing has come from the server for 40 s; it is being asked"]);
  status.alive();
  assert.deepEqual((await shown(runtime)).warnings, []);
});

test("what waits and what failed is counted in the store, so a restart forgets none of it", async (t) => {
  const path = storePath(t);
  {
    using store = Store.open(path);
    store.commit({ entries: ["waits", "failed", "dropped"].map(entry), notes: [] });
    store.resolve(["failed"], { verdict: "fail", reason: "turn-failed" });
    store.resolve(["dropped"], { verdict: "ignore", reason: "access-denied" });
  }
  const { drive } = await run(t, () => [], Store.open(path));
  assert.deepEqual(drive.tally(), {
    waiting: { messages: 1, deferred: 0 },
    deadLetters: 1,
    dropped: { "access-denied": 1 },
  });
});

test("an account that does not run shows nothing of what it can't know", async () => {
  const { mode, standing } = await shown({ accountId: "one" });
  assert.equal(mode, undefined);
  assert.deepEqual(
    Object.values(standing).filter((value) => value !== undefined),
    [],
  );
});
