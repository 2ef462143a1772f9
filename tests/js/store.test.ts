import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { StoreBusyError } from "../../js/io/database.ts";
import { readPath } from "../../js/io/lookup.ts";
import { Store } from "../../js/io/store.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "store-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "accounts", "one.sqlite");
}

function entry(id: string, receivedAt = 1) {
  return { id, place: "user:ann", record: `{"id":"${id}"}`, receivedAt };
}

const ANSWERED = { verdict: "answer", reason: "direct" } as const;

test("a message is fresh once, also across a restart", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    assert.deepEqual(store.commit({ entries: [entry("1"), entry("2")], notes: [] }), ["1", "2"]);
    assert.deepEqual(store.commit({ entries: [entry("2"), entry("3")], notes: [] }), ["3"]);
    store.resolve(["2"], ANSWERED);
  }
  using store = Store.open(path);
  assert.deepEqual(store.commit({ entries: [entry("1"), entry("2"), entry("3")], notes: [] }), []);
});

test("what is not closed comes back in the order of its commits, with what was kept marked", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    store.commit({ entries: [entry("9", 30), entry("1", 20)], notes: [{ key: "cursor", value: "1" }] });
    store.commit({ entries: [entry("5", 10)], notes: [{ key: "cursor", value: "2" }] });
    store.keep(["1"]);
    store.resolve(["9"], ANSWERED);
  }
  using store = Store.open(path);
  assert.deepEqual(store.unresolved(), [
    { id: "1", record: '{"id":"1"}', receivedAt: 20, kept: true, adoptions: 0 },
    { id: "5", record: '{"id":"5"}', receivedAt: 10, kept: false, adoptions: 0 },
  ]);
  assert.deepEqual(store.notes(), [{ key: "cursor", value: "2" }]);
  store.commit({ entries: [], notes: [{ key: "cursor", value: "" }] });
  assert.deepEqual(store.notes(), []);
});

test("what is not closed can be read by its id, in the order in which it is asked for", (t) => {
  using store = Store.open(place(t));
  store.commit({ entries: [entry("1", 10), entry("2", 20), entry("3", 30)], notes: [] });
  store.keep(["1"]);
  store.resolve(["2"], ANSWERED);
  assert.deepEqual(store.read(["3", "2", "unknown", "1"]), [
    { id: "3", record: '{"id":"3"}', receivedAt: 30, kept: false, adoptions: 0 },
    { id: "1", record: '{"id":"1"}', receivedAt: 10, kept: true, adoptions: 0 },
  ]);
});

test("a kept message is opened again with what is known now, a closed one is not", (t) => {
  using store = Store.open(place(t));
  store.commit({ entries: [entry("1"), entry("2")], notes: [] });
  store.keep(["1"]);
  store.resolve(["2"], ANSWERED);
  store.reopen([
    { ...entry("1", 99), record: '{"mentionsUs":true}' },
    { ...entry("2"), record: "{}" },
  ]);
  const { receivedAt } = entry("1");
  assert.deepEqual(store.unresolved(), [
    { id: "1", record: '{"mentionsUs":true}', receivedAt, kept: false, adoptions: 0 },
  ]);
});

test("what the gateway has taken over keeps its text until it is over, and can be taken back", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    store.commit({ entries: [entry("1"), entry("2"), entry("3"), entry("4")], notes: [] });
    store.keep(["1"]);
    store.resolve(["1"], { verdict: "remember", reason: "not-mentioned" }, { turn: "2", entrusted: true });
    store.resolve(["2"], ANSWERED, { turn: "2", entrusted: true });
    store.resolve(["3"], ANSWERED, { turn: "3", entrusted: true });
    store.resolve(["4"], ANSWERED, { turn: "4" });
    store.release(["3", "4"]);
  }
  using store = Store.open(path);
  const one = { id: "1", record: '{"id":"1"}', receivedAt: 1, kept: true, adoptions: 1 };
  const two = { id: "2", record: '{"id":"2"}', receivedAt: 1, kept: false, adoptions: 1 };
  assert.deepEqual(store.unresolved(), [
    { ...one, entrusted: "2" },
    { ...two, entrusted: "2" },
  ]);
  assert.deepEqual(store.commit({ entries: [entry("1"), entry("2")], notes: [] }), [], "and is known");
  store.reclaim(["1", "2", "3", "4"]);
  assert.deepEqual(store.unresolved(), [one, two], "what is over is not");
  store.resolve(["2"], ANSWERED, { turn: "2", entrusted: true });
  store.reclaim(["2"]);
  assert.deepEqual(store.read(["2"]), [{ ...two, adoptions: 2 }]);
});

test("a transaction that fails leaves nothing behind", (t) => {
  using store = Store.open(place(t));
  const broken = { ...entry("2"), receivedAt: 0.5 };
  assert.throws(() => store.commit({ entries: [entry("1"), broken], notes: [{ key: "cursor", value: "1" }] }));
  assert.deepEqual(store.unresolved(), []);
  assert.deepEqual(store.notes(), []);
  assert.deepEqual(store.commit({ entries: [entry("1")], notes: [] }), ["1"]);
});

test("the text of a closed message is gone, its first outcome stays", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    store.commit({ entries: [entry("1")], notes: [] });
    store.resolve(["1"], { verdict: "ignore", reason: "empty" });
    store.resolve(["1"], ANSWERED);
  }
  using db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT record, standing, verdict, reason FROM entries").get();
  assert.deepEqual({ ...row }, { record: "", standing: "done", verdict: "ignore", reason: "empty" });
});

test("nobody else on the machine can read the store", (t) => {
  const path = place(t);
  using store = Store.open(path);
  store.commit({ entries: [entry("1")], notes: [] });
  const directory = join(path, "..");
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const names = readdirSync(directory);
  assert.ok(names.includes("one.sqlite-wal"));
  for (const name of names) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
});

test("a damaged file is set aside and the account starts afresh", (t) => {
  const path = place(t);
  Store.open(path).close();
  writeFileSync(path, "this was a database");
  using store = Store.open(path, () => Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(store.setAside, `${path}.corrupt-2026-01-02T030405.000Z`);
  assert.ok(readdirSync(join(path, "..")).includes("one.sqlite.corrupt-2026-01-02T030405.000Z"));
  assert.deepEqual(store.commit({ entries: [entry("1")], notes: [] }), ["1"]);
});

test("what can be read of a damaged file goes on: from both ends up to the damage", (t) => {
  const path = place(t);
  const ids = Array.from({ length: 400 }, (_, index) => `e${index}`);
  {
    using store = Store.open(path);
    const entries = ids.map((id) => ({ ...entry(id), record: "x".repeat(500) }));
    store.commit({ entries, notes: [{ key: "cursor", value: "7" }] });
    store.resolve(["e0"], ANSWERED);
  }
  // A leaf in the middle of the table.
  const [page, file] = [4_096, openSync(path, "r+")];
  writeSync(file, Buffer.alloc(page, 0x5a), 0, page, page * Math.floor(statSync(path).size / page / 2));
  closeSync(file);
  using store = Store.open(path);
  assert.ok(store.setAside);
  assert.deepEqual(store.notes(), [{ key: "cursor", value: "7" }]);
  const read = store.unresolved().map(({ id }) => id);
  const missing = ids.slice(1).filter((id) => !read.includes(id));
  assert.ok(missing.length > 0 && missing.length < 20, `${missing.length} were in the damaged page`);
  assert.deepEqual(
    read,
    ids.slice(1).filter((id) => read.includes(id)),
    "in their order",
  );
  assert.deepEqual(store.commit({ entries: [entry("e0"), entry("e1")], notes: [] }), [], "known");
});

test("a file of a newer version is refused untouched", (t) => {
  const path = place(t);
  Store.open(path).close();
  {
    using db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
  }
  assert.throws(() => Store.open(path), /newer version/);
});

test("a file of the first version is brought up to date, with everything in it", (t) => {
  const path = place(t);
  mkdirSync(dirname(path));
  {
    using db = new DatabaseSync(path);
    db.exec(`
      CREATE TABLE entries (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, place TEXT NOT NULL, record TEXT NOT NULL,
        received_at INTEGER NOT NULL, standing TEXT NOT NULL DEFAULT 'open'
        CHECK (standing IN ('open', 'kept', 'done')), verdict TEXT, reason TEXT, resolved_at INTEGER) STRICT;
      CREATE INDEX entries_unresolved ON entries (seq) WHERE standing <> 'done';
      CREATE INDEX entries_done ON entries (resolved_at) WHERE standing = 'done';
      CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO entries (id, place, record, received_at) VALUES ('1', 'user:ann', '{}', 5);
      INSERT INTO notes VALUES ('cursor', '7');
      PRAGMA user_version = 1`);
  }
  {
    using store = Store.open(path, () => 9);
    assert.deepEqual(store.unresolved(), [{ id: "1", record: "{}", receivedAt: 5, kept: false, adoptions: 0 }]);
    assert.deepEqual(store.notes(), [{ key: "cursor", value: "7" }]);
    assert.deepEqual(store.commit({ entries: [entry("1")], notes: [] }), []);
    store.resolve(["1"], ANSWERED, { turn: "1", detail: "said so" });
  }
  Store.open(path, () => 9).close();
  const found = readPath(path, { id: "1" });
  assert.deepEqual([found?.committedAt, found?.repeats, found?.turn?.id, found?.detail], [null, 1, "1", "said so"]);
});

test("an outcome stays, whatever is noted later; an error is cut and a flood of replies is not kept", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    store.commit({ entries: [entry("1")], notes: [] });
    store.resolve(["1"], { verdict: "ignore", reason: "empty" });
    store.note([
      { kind: "judged", entry: "1", outcome: ANSWERED, at: 1 },
      { kind: "ended", turn: "1", error: "x".repeat(5_000), at: 2 },
      { kind: "ended", turn: "unknown", at: 2 },
    ]);
    store.note(Array.from({ length: 150 }, (_, at) => ({ kind: "sent", turn: "1", messageIds: [`${at}`], at })));
    // What is only for reading must not make it a turn.
    assert.equal(readPath(path, "last")?.turn, null);
    store.note([{ kind: "offered", turn: "1", entries: ["1"], at: 3 }]);
  }
  const found = readPath(path, "last");
  assert.deepEqual([found?.verdict, found?.reason, found?.judgedAt], ["ignore", "empty", null]);
  assert.equal(found?.turn?.error?.length, 201);
  assert.equal(found?.turn?.sends.length, 100);
});

test("a second gateway is refused, in this process and in another, until the first lets go", (t) => {
  const path = place(t);
  const store = Store.open(path);
  assert.throws(() => Store.open(path), StoreBusyError);
  const script = `
    const { Store } = await import(${JSON.stringify(new URL("../../js/io/store.ts", import.meta.url).href)});
    Store.open(${JSON.stringify(path)}).close();`;
  const other = () => spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.match(other().stderr, /in use by another gateway/);
  store.close();
  assert.equal(other().status, 0);
});

test("a tombstone is forgotten after a month, an open message never", (t) => {
  const path = place(t);
  let now = 0;
  {
    using store = Store.open(path, () => now);
    store.commit({ entries: [entry("old"), entry("open")], notes: [] });
    store.resolve(["old"], ANSWERED);
    now = 29 * DAY_MS;
    store.commit({ entries: [entry("new")], notes: [] });
    store.resolve(["new"], ANSWERED);
  }
  now = 31 * DAY_MS;
  using store = Store.open(path, () => now);
  assert.deepEqual(store.commit({ entries: [entry("old"), entry("open"), entry("new")], notes: [] }), ["old"]);
});

test("no more than 20,000 tombstones are kept, the newest", (t) => {
  const path = place(t);
  {
    using store = Store.open(path);
    const entries = Array.from({ length: 20_002 }, (_, index) => entry(`e${index}`));
    store.commit({ entries, notes: [] });
    store.resolve(
      entries.map(({ id }) => id),
      ANSWERED,
    );
  }
  using store = Store.open(path);
  assert.deepEqual(store.commit({ entries: [entry("e0"), entry("e1"), entry("e2")], notes: [] }), ["e0", "e1"]);
});
