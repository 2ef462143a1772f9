/** What runs by the fast clock, and what does not: the other stories rely on it. */

import { leap, real } from "./clock.ts";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { openCore } from "../../js/core/account.ts";
import { listen } from "../js/loopback.ts";

const DAY = 24 * 60 * 60;

/** An account that registers and finds nobody. */
async function lonelyCore(port: number) {
  const woken = { count: 0, changed: Promise.withResolvers<void>() };
  const wake = () => {
    woken.count += 1;
    woken.changed.resolve();
    woken.changed = Promise.withResolvers();
  };
  const config = { apiUrl: `http://127.0.0.1:${port}`, botToken: "bf_0123456789abcdef" };
  const core = await openCore({ channel: "dmwork", accountId: "one", config, wake });
  const entropy = new Uint8Array(32);
  core.handle({ kind: "started", entries: [], notes: [], turns: [], inherited: [], suspects: [], entropy });
  return { core, next: () => woken.changed.promise };
}

test("a leap makes everything due that was waited for, in its order", async () => {
  const before = Date.now();
  const order: string[] = [];
  const late = Promise.withResolvers<void>();
  setTimeout(() => late.resolve(), DAY * 1_000);
  setTimeout(() => order.push("second"), 9_000);
  setTimeout(() => order.push("first"), 8_000);
  const stopped = setTimeout(() => order.push("stopped"), 8_500);
  clearTimeout(stopped);
  leap(DAY);
  await late.promise;
  assert.deepEqual(order, ["first", "second"]);
  assert.ok(Date.now() - before >= DAY * 1_000);
  assert.ok(real.now() < before + DAY * 1_000);
});

test("an interval goes on after a leap, and what is unref'd holds no process", async () => {
  const ticks = Promise.withResolvers<void>();
  let count = 0;
  const interval = setInterval(() => {
    count += 1;
    if (count === 3) ticks.resolve();
    leap(60);
  }, 60_000);
  leap(60);
  await ticks.promise;
  clearInterval(interval);
  assert.equal(
    setTimeout(() => undefined, DAY * 1_000)
      .unref()
      .hasRef(),
    false,
  );
});

test("the core's alarm and the timeouts of its calls run by this clock", async (t) => {
  const silent = createServer(() => undefined);
  const port = await listen(silent);
  t.after(() => silent.close());
  t.after(() => silent.closeAllConnections());
  const { core, next } = await lonelyCore(port);
  using account = core;
  await once(silent, "request");
  // Nothing answers: only the call's own timeout can end it, and only the alarm wakes for the next attempt.
  const timedOut = next();
  leap(DAY);
  await timedOut;
  account.pump();
  const again = once(silent, "request");
  const awake = next();
  leap(DAY);
  await awake;
  account.pump();
  await again;
});
