import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { storeName } from "../../js/channels/stores.ts";
import { asJson, inWords } from "../../js/cli/report.ts";
import { NothingFound } from "../../js/cli/stores.ts";
import { find, type Question } from "../../js/cli/why.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { readPath } from "../../js/io/lookup.ts";
import { Store } from "../../js/io/store.ts";
import { dmworkStores } from "./state.ts";

const ANSWERED = { verdict: "answer", reason: "direct" } as const;
const NOT_MENTIONED = { verdict: "remember", reason: "not-mentioned" } as const;
/** Noon in the zone of whoever runs this. */
const NOON = new Date(2026, 0, 2, 12).getTime();

function entry(id: string, receivedAt = NOON, place = "user:ann") {
  return { id, place, record: "{}", receivedAt };
}

function question(message: string, account?: string, accounts: object = {}): Question {
  const cfg: OpenClawConfig = { channels: { dmwork: { accounts } } };
  return { channel: "dmwork", cfg, message, account };
}

async function wordsOf(id: string): Promise<string> {
  return (await find(question(id))).map((one) => inWords("dmwork", one)).join();
}

async function shown(asked: Question): Promise<string[][]> {
  return (await find(asked)).map(({ account, path }) => [account, path.id]);
}

async function refused(asked: Question, sentence: RegExp): Promise<void> {
  await assert.rejects(find(asked), (error) => error instanceof NothingFound && sentence.test(error.message));
}

/** A message that was answered, told again and had one reply. */
function answered(path: string): void {
  let now = NOON + 1;
  using store = Store.open(path, () => now);
  store.commit({ entries: [entry("1")], notes: [] });
  store.note([
    { kind: "judged", entry: "1", outcome: ANSWERED, at: NOON + 20 },
    { kind: "offered", turn: "1", entries: ["1"], at: NOON + 20 },
    { kind: "adopted", turn: "1", at: NOON + 150 },
  ]);
  now = NOON + 150;
  store.resolve(["1"], ANSWERED, { turn: "1" });
  now = NOON + 1_000;
  store.commit({ entries: [entry("1")], notes: [] });
  store.note([
    { kind: "sent", turn: "1", messageIds: ["900", "901"], at: NOON + 2_500 },
    { kind: "ended", turn: "1", at: NOON + 2_600 },
  ]);
}

test("the path of an answered message, from its arrival to its reply", async (t) => {
  answered(join(dmworkStores(t), storeName("helper")));
  const found = await find(question("1"));
  const words = [
    "dmwork account helper, message 1, 2026-01-02",
    "",
    "  12:00:00.000    +0 ms  received in user:ann",
    "  12:00:00.001    +1 ms  committed to disk",
    "  12:00:00.020   +20 ms  judged: answer (direct)",
    "  12:00:00.020   +20 ms  became turn 1; offered to the gateway",
    "  12:00:00.150  +150 ms  taken over by the gateway: the agent works on it",
    "  12:00:01.000   +1.0 s  came again once; known, so nothing was done",
    "  12:00:02.500   +2.5 s  reply sent as message 900, 901",
    "  12:00:02.600   +2.6 s  turn ended",
    "",
    "Ended as answer (direct). A direct message is always answered.",
  ];
  assert.deepEqual(
    found.map((one) => inWords("dmwork", one)),
    [words.join("\n")],
  );
});

test("a member of a batch and a line of context lead to the turn that they went with", (t) => {
  const path = join(dmworkStores(t), storeName("helper"));
  const place = "panel:p";
  {
    using store = Store.open(path, () => NOON);
    const ids = ["context", "first", "last"];
    store.commit({ entries: ids.map((id, index) => entry(id, NOON + index, place)), notes: [] });
    const [outcome, until] = [{ verdict: "answer", reason: "no-mention-needed" } as const, NOON + 60_000];
    store.note([
      { kind: "judged", entry: "context", outcome: NOT_MENTIONED, at: NOON },
      { kind: "judged", entry: "first", outcome, until, at: NOON + 1 },
      { kind: "judged", entry: "last", outcome, until: until + 5_000, at: NOON + 2 },
    ]);
    store.keep(["context"]);
    assert.equal(readPath(path, { id: "first" })?.waitedUntil, until + 5_000, "while it waits");
    store.note([
      { kind: "offered", turn: "last", entries: ["first", "last"], at: NOON + 65_002 },
      { kind: "ended", turn: "last", error: "no model", at: NOON + 65_003 },
      { kind: "offered", turn: "last", entries: ["first", "last"], at: NOON + 66_004 },
      { kind: "deferred", turn: "last", at: NOON + 66_005 },
      { kind: "adopted", turn: "last", at: NOON + 67_000 },
    ]);
    store.resolve(["first", "last"], outcome, { turn: "last" });
    store.resolve(["context"], NOT_MENTIONED, { turn: "last" });
  }
  for (const id of ["context", "first", "last"]) {
    const turn = readPath(path, { id })?.turn;
    assert.deepEqual([turn?.id, turn?.messages, turn?.offers, turn?.adoptedAt], ["last", 3, 2, NOON + 67_000], id);
  }
  const first = readPath(path, { id: "first" });
  assert.deepEqual([first?.waitUntil, first?.waitedUntil], [NOON + 60_000, NOON + 65_000]);
  assert.ok(first);
  const words = inWords("dmwork", { account: "helper", path: first });
  assert.match(words, /waits for quiet until 12:01:00.000, put off until 12:01:05.000/);
  assert.match(words, /became turn last, 3 messages in it; offered to the gateway, offer 2/);
  assert.match(words, /given back by the gateway: no model/);
  assert.match(words, /No reply has been sent yet/);
});

test("a queued message leads to the one before it, an answered one without a reply says so", (t) => {
  const path = join(dmworkStores(t), storeName("helper"));
  {
    using store = Store.open(path, () => NOON);
    store.commit({ entries: ["1", "2"].map((id) => entry(id)), notes: [] });
    store.note([
      { kind: "deferred", turn: "2", at: NOON },
      ...["1", "2"].flatMap((turn) => [
        { kind: "offered" as const, turn, entries: [turn], at: NOON },
        { kind: "adopted" as const, turn, at: NOON + 1 },
        { kind: "ended" as const, turn, at: NOON + 2 },
      ]),
    ]);
    for (const id of ["1", "2"]) store.resolve([id], ANSWERED, { turn: id });
  }
  const words = (id: string) => {
    const found = readPath(path, { id });
    return found ? inWords("dmwork", { account: "helper", path: found }) : "";
  };
  assert.match(words("1"), /The agent sent no reply to it/);
  assert.match(words("2"), /Its reply is counted for the message that it waited for/);
});

test("what is not closed says what it waits for, and a refusal says which setting decides", async (t) => {
  const path = join(dmworkStores(t), storeName("helper"));
  {
    using store = Store.open(path, () => NOON);
    store.commit({ entries: ["1", "2", "3"].map((id) => entry(id)), notes: [] });
    store.note([{ kind: "judged", entry: "2", outcome: NOT_MENTIONED, at: NOON }]);
    store.keep(["2"]);
    store.resolve(["3"], { verdict: "ignore", reason: "access-denied" }, { detail: "dm_policy_not_allowlisted" });
  }
  assert.match(await wordsOf("1"), /Open: the gateway has not said yet/);
  assert.match(await wordsOf("2"), /Kept as context for the next question there \(not-mentioned\)/);
  const denied = await wordsOf("3");
  assert.match(denied, /judged: ignore \(access-denied\)/);
  assert.match(denied, /The gateway's word: dm_policy_not_allowlisted/);
  assert.match(denied, /Setting: dmPolicy, .* \(in channels.dmwork.accounts.helper\)/);
  assert.match(denied, /What to do: Add the sender/);
});

test("last is the message that came last to any account, the bots' own aside; an id is shown for all that know it", async (t) => {
  const directory = dmworkStores(t);
  for (const [account, at] of [["a", NOON] as const, ["b", NOON + 5] as const]) {
    using store = Store.open(join(directory, storeName(account)), () => at);
    store.commit({ entries: [entry("both", at), entry(`own-${account}`, at + 1)], notes: [] });
    store.resolve([`own-${account}`], { verdict: "ignore", reason: "own-message" });
  }
  assert.deepEqual(await shown(question("last")), [["b", "both"]]);
  assert.deepEqual(await shown(question("last", "A", { a: {} })), [["a", "both"]]);
  assert.deepEqual(await shown(question("both")), [
    ["a", "both"],
    ["b", "both"],
  ]);
});

test("where there is nothing to show, one sentence says why", async (t) => {
  const directory = dmworkStores(t);
  await refused(question("last"), /No dmwork account has run yet/);
  Store.open(join(directory, storeName("helper"))).close();
  await refused(question("last"), /The dmwork account helper has not received a message yet/);
  await refused(question("77"), /does not know message 77: it never arrived/);
  await refused(question("77", "other", { other: {} }), /account other has not run yet/);
  await refused(question("77", "nobody", { other: {} }), /no dmwork account nobody; there is other, helper/);
  await refused(question("77", "rev", { rev: {}, Rev: {} }), /rev and Rev are the same dmwork account/);
  Store.open(join(directory, storeName("second"))).close();
  await refused(question("77"), /No dmwork account \(helper, second\) knows message 77/);
});

test("a store of another version is named, unless another account knows the message", async (t) => {
  const directory = dmworkStores(t);
  const old = join(directory, storeName("old"));
  Store.open(old).close();
  {
    using db = new DatabaseSync(old);
    db.exec("PRAGMA user_version = 1");
  }
  await assert.rejects(find(question("1")), /older version of this plugin. Restart the gateway/);
  answered(join(directory, storeName("helper")));
  assert.equal((await find(question("1"))).length, 1);
});

test("the JSON form is stable", async (t) => {
  answered(join(dmworkStores(t), storeName("helper")));
  assert.deepEqual(JSON.parse(asJson("dmwork", await find(question("1")))), {
    channel: "dmwork",
    messages: [
      {
        account: "helper",
        id: "1",
        place: "user:ann",
        standing: "done",
        verdict: "answer",
        reason: "direct",
        detail: null,
        receivedAt: NOON,
        committedAt: NOON + 1,
        repeats: 1,
        repeatedAt: NOON + 1_000,
        judgedAt: NOON + 20,
        waitUntil: null,
        waitedUntil: null,
        closedAt: NOON + 150,
        replayedAt: null,
        turn: {
          id: "1",
          messages: 1,
          offers: 1,
          offeredAt: NOON + 20,
          deferredAt: null,
          adoptedAt: NOON + 150,
          endedAt: NOON + 2_600,
          error: null,
          sends: [{ at: NOON + 2_500, messageIds: ["900", "901"] }],
        },
        sentence: "A direct message is always answered.",
        configKey: null,
        fix: null,
      },
    ],
  });
});
