/** An account whose store can't be opened says why, and has it as soon as that is over. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openStore } from "../../js/channels/open-store.ts";
import type { Status } from "../../js/core/protocol.ts";
import { Store } from "../../js/io/store.ts";

function scene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const statuses: Status[] = [];
  const told = Promise.withResolvers<void>();
  const host = {
    log: () => undefined,
    publish: (status: Status) => {
      statuses.push(status);
      told.resolve();
    },
  };
  return { folder, statuses, told: told.promise, host, stop: new AbortController() };
}

test("a state directory that can't be used blocks the account until it can", async (t) => {
  const { folder, statuses, told, host, stop } = scene(t);
  const state = join(folder, "state");
  writeFileSync(state, "not a folder");
  const opening = openStore(join(state, "one.sqlite"), host, stop.signal, 1);
  await told;
  rmSync(state);
  using store = await opening;
  assert.deepEqual(store?.unresolved(), []);
  assert.deepEqual(
    statuses.map(({ lifecycle }) => lifecycle),
    ["blocked"],
    "said once",
  );
  assert.match(statuses[0]?.detail ?? "", /until the store can be opened.*EEXIST/);
});

test("a store that another gateway has is opened when that one lets go, and not after the account was stopped", async (t) => {
  const { folder, statuses, told, host, stop } = scene(t);
  const path = join(folder, "one.sqlite");
  const other = Store.open(path);
  const [opening, stopped] = [openStore(path, host, stop.signal, 1), new AbortController()];
  const never = openStore(path, host, stopped.signal, 60_000);
  await told;
  assert.match(statuses[0]?.detail ?? "", /in use by another gateway/);
  stopped.abort();
  assert.equal(await never, undefined);
  other.close();
  using store = await opening;
  assert.ok(store);
});
