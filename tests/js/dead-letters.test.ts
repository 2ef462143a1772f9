import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { storeName } from "../../js/channels/stores.ts";
import { attend, inWords, type Wish } from "../../js/cli/dead-letters.ts";
import { examine } from "../../js/cli/doctor.ts";
import { NothingFound } from "../../js/cli/stores.ts";
import { deadLetters } from "../../js/io/dead-letters.ts";
import { readPath } from "../../js/io/lookup.ts";
import { Store } from "../../js/io/store.ts";
import { dmworkStores } from "./state.ts";

/** Noon in the zone of whoever runs this. */
const NOON = new Date(2026, 0, 2, 12).getTime();
const FAILED = { verdict: "fail", reason: "turn-failed" } as const;
const ANSWERED = { verdict: "answer", reason: "direct" } as const;

/** The path of an account's store in a state directory of this test. */
function home(t: TestContext): (account: string) => string {
  const stores = dmworkStores(t);
  return (account) => join(stores, storeName(account));
}

function entry(id: string, sender: object = { id: "ann", name: "Ann Lee", author: "person" }) {
  return { id, place: "user:ann", record: JSON.stringify({ id, sender, text: "poison" }), receivedAt: NOON };
}

/** Two messages in one turn that failed, one that failed alone and one that was answered. */
function failed(path: string): Store {
  const store = Store.open(path, () => NOON + 127_000);
  store.commit({ entries: [entry("1"), entry("2", { id: "bob" }), entry("3"), entry("4")], notes: [] });
  for (let offer = 1; offer <= 8; offer += 1) {
    store.note([
      { kind: "offered", turn: "2", entries: ["1", "2"], at: NOON + offer },
      { kind: "ended", turn: "2", error: `no model, time ${offer}`, at: NOON + offer },
    ]);
  }
  store.resolve(["1", "2"], FAILED, { turn: "2" });
  store.resolve(["3"], { verdict: "fail", reason: "core-fault" });
  store.resolve(["4"], ANSWERED);
  return store;
}

function wish(what: Wish, account?: string) {
  return attend({ channel: "dmwork", cfg: {}, account }, what, () => NOON + 200_000);
}

async function idsAfter(what: Wish): Promise<string[]> {
  return (await wish(what)).deadLetters.map(({ id }) => id);
}

test("messages that failed are listed with their sender, their tries and the last error; others are not", (t) => {
  const path = home(t)("helper");
  failed(path).close();
  const common = { place: "user:ann", receivedAt: NOON, failedAt: NOON + 127_000, replayAskedAt: null };
  const turn = { reason: "turn-failed", tries: 8, error: "no model, time 8" };
  assert.deepEqual(deadLetters(path), [
    { id: "1", sender: "ann", senderName: "Ann Lee", ...common, ...turn },
    { id: "2", sender: "bob", senderName: null, ...common, ...turn },
    { id: "3", sender: "ann", senderName: "Ann Lee", ...common, reason: "core-fault", tries: 0, error: null },
  ]);
});

test("a store that is in use is marked from outside, and opens what was asked for once, in order", async (t) => {
  using store = failed(home(t)("helper"));
  assert.deepEqual(store.revive(), []);
  const { replayed, deadLetters: left } = await wish({ replay: "all" });
  assert.deepEqual([replayed, left.map(({ replayAskedAt }) => replayAskedAt)], [3, Array(3).fill(NOON + 200_000)]);
  assert.deepEqual(
    store.revive().map(({ id, record, kept }) => [id, JSON.parse(record).text, kept]),
    ["1", "2", "3"].map((id) => [id, "poison", false]),
  );
  assert.deepEqual([store.revive(), await idsAfter({})], [[], []]);
  assert.equal(store.unresolved().length, 3, "also for the next start");
});

test("a message that is tried again has its tries counted anew, and its path tells of it", async (t) => {
  const path = home(t)("helper");
  using store = failed(path);
  await wish({ replay: "2" });
  store.revive();
  store.note([{ kind: "offered", turn: "2", entries: ["2"], at: NOON + 300_000 }]);
  store.resolve(["2"], FAILED, { turn: "2" });
  const [, second] = deadLetters(path);
  assert.deepEqual([second?.tries, second?.error, second?.replayAskedAt], [1, null, null]);
  assert.equal(readPath(path, { id: "2" })?.replayedAt, NOON + 127_000);
});

test("what is dropped is a tombstone like any other: known, and not to be tried again", async (t) => {
  using store = failed(home(t)("helper"));
  await wish({ replay: "1" });
  assert.deepEqual(await idsAfter({ drop: "1" }), ["2", "3"]);
  assert.deepEqual(store.revive(), []);
  assert.deepEqual(store.commit({ entries: [entry("1")], notes: [] }), []);
  assert.equal((await wish({ drop: "all" })).dropped, 2);
  assert.equal(inWords(await wish({})), "There are no dead letters of dmwork.");
});

test("for people, each is a line, and below them stands what can be done", async (t) => {
  const path = home(t);
  failed(path("helper")).close();
  const words = inWords(await wish({}));
  assert.match(
    words,
    /^2026-01-02 12:00:00.000 {2}helper {2}1 {2}Ann Lee in user:ann, 8 tries, turn-failed: no model, time 8$/m,
  );
  assert.match(words, /Try again: openclaw dmwork dead-letters --replay <id\|all>/);
  assert.match(inWords(await wish({ replay: "1" })), /1 dead letter will be tried again: .* within a minute/);
});

test("nothing in a name or an error reaches the terminal as anything but text", async (t) => {
  const path = home(t)("helper");
  {
    using store = Store.open(path);
    store.commit({ entries: [entry("1", { id: "eve", name: "\u001b[2Jeve\n\u009b1m" })], notes: [] });
    store.note([{ kind: "ended", turn: "1", error: "bad\r\u001b]0;title", at: NOON }]);
    store.resolve(["1"], FAILED, { turn: "1" });
  }
  const [line] = inWords(await wish({})).split("\n");
  assert.match(line ?? "", /eve.* in user:ann, 0 tries, turn-failed: bad/);
  assert.doesNotMatch(line ?? "", /\p{C}/u);
});

async function advised(): Promise<string[]> {
  const { findings } = await examine("dmwork", {});
  return findings.filter(({ rule }) => rule === "dead-letters").map(({ message, fix }) => `${message} ${fix}`);
}

test("the doctor tells of them", async (t) => {
  const path = home(t);

  failed(path("helper")).close();
  assert.deepEqual(await advised(), ["3 messages could not be answered. Look at them: openclaw dmwork dead-letters"]);
  await wish({ drop: "all" });
  assert.deepEqual(await advised(), []);
});

test("what is not there is said in one sentence", async (t) => {
  const path = home(t);
  await assert.rejects(wish({}), /No dmwork account has run yet/);
  failed(path("helper")).close();
  const refused = (what: Wish, sentence: RegExp, account?: string) =>
    assert.rejects(wish(what, account), (error) => error instanceof NothingFound && sentence.test(error.message));
  await refused({ replay: "4" }, /no dead letter 4 of dmwork \(helper\)/);
  await refused({ drop: "77" }, /no dead letter 77/);
  await refused({ replay: "1", drop: "1" }, /one of --replay and --drop/);
  await refused({}, /no dmwork account nobody; there is helper/, "nobody");
});

test("a record that is not readable is listed without its sender", (t) => {
  const path = home(t)("helper");
  {
    using store = Store.open(path);
    store.commit({ entries: [{ ...entry("1"), record: "{half" }], notes: [] });
    store.resolve(["1"], { verdict: "fail", reason: "unreadable" });
  }
  assert.deepEqual(
    deadLetters(path).map(({ id, sender, senderName }) => [id, sender, senderName]),
    [["1", null, null]],
  );
});

test("a file of a version before dead letters is brought up to date with what had failed in it, which kept no text", (t) => {
  const path = home(t)("helper");
  failed(path).close();
  {
    using db = new DatabaseSync(path);
    db.exec(`DROP INDEX entries_entrusted; ALTER TABLE entries DROP COLUMN entrusted;
      ALTER TABLE entries DROP COLUMN adoptions; DROP INDEX entries_asked_for;
      ALTER TABLE entries DROP COLUMN replay_asked_at; ALTER TABLE entries DROP COLUMN replayed_at; UPDATE entries SET record = ''; PRAGMA user_version = 2`);
  }
  assert.throws(() => deadLetters(path), /older version of this plugin/);
  Store.open(path).close();
  assert.deepEqual(deadLetters(path), []);
});
