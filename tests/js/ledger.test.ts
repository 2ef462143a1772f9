/** What waits for a disk that refuses, over the real store. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Ledger } from "../../js/drive/ledger.ts";
import { Store } from "../../js/io/store.ts";
import { storePath } from "./scripted.ts";

test("what comes back with a write that the disk refuses is not there yet, and is not missing either", (t) => {
  const path = storePath(t);
  using store = Store.open(path);
  const complaints: string[] = [];
  const ledger = new Ledger(
    store,
    (text) => complaints.push(text),
    (error) => assert.fail(String(error)),
  );
  const entry = { id: "1", place: "user:ann", record: "{}", receivedAt: 1 };
  ledger.commit({ entries: [entry], notes: [] });
  ledger.resolve(["1"], { verdict: "answer", reason: "direct" }, { turn: "1", entrusted: true });
  using other = new DatabaseSync(path);
  other.exec("CREATE TRIGGER refuse BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'disk says no'); END");
  ledger.reclaim(["1"]);
  assert.match(complaints.join(), /1 writes wait for the next attempt/);
  assert.throws(() => ledger.read(["1"]), /not on disk yet/);
  other.exec("DROP TRIGGER refuse");
  assert.deepEqual(ledger.read(["1", "unknown"]), [
    { id: "1", record: "{}", receivedAt: 1, kept: false, adoptions: 1 },
  ]);
  ledger.close();
});
