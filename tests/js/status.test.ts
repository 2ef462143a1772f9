import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusBoard } from "../../js/host/status.ts";

function board() {
  const seen: Record<string, unknown>[] = [];
  return { seen, status: new StatusBoard((patch) => void seen.push({ ...patch })) };
}

test("a connection is dated once, its signs of life each time", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
  const { seen, status } = board();
  status.publish({ lifecycle: "ready", detail: "connected as bot" });
  t.mock.timers.setTime(2_000);
  status.publish({ lifecycle: "ready", detail: "connected as bot" });
  status.alive();
  assert.deepEqual(
    seen.map((patch) => [patch["lastConnectedAt"], patch["lastTransportActivityAt"]]),
    [
      [1_000, 1_000],
      [undefined, 2_000],
      [undefined, 2_000],
    ],
  );
  assert.equal(seen[0]?.["connected"], true);
});

test("every failed attempt dates the disconnect anew, so that the monitor lets us try on", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
  const { seen, status } = board();
  status.publish({ lifecycle: "recovering", detail: "ECONNREFUSED" });
  t.mock.timers.setTime(60_000);
  status.publish({ lifecycle: "recovering", detail: "ECONNREFUSED" });
  status.alive();
  assert.deepEqual(
    seen.map((patch) => patch["lastDisconnect"]),
    [
      { at: 1_000, error: "ECONNREFUSED" },
      { at: 60_000, error: "ECONNREFUSED" },
    ],
    "and no sign of life counts while there is no connection",
  );
});

test("a blocked account runs, is not connected and says why", () => {
  const { seen, status } = board();
  status.publish({ lifecycle: "blocked", detail: "botToken: is missing." });
  const { lifecycle, running, connected, lastError } = seen[0] ?? {};
  assert.deepEqual(
    { lifecycle, running, connected, lastError },
    {
      lifecycle: "blocked",
      running: true,
      connected: false,
      lastError: "botToken: is missing.",
    },
  );
});

function count(sinceStart: number, thatDay: number, day = "2026-01-02") {
  return { sinceStart, day, thatDay };
}

test("reconnects are counted since the start and for the day, and each state is dated when it begins", (t) => {
  const noon = new Date(2026, 0, 2, 12).getTime();
  t.mock.timers.enable({ apis: ["Date"], now: noon });
  const { seen, status } = board();
  const at = (hours: number, lifecycle: "ready" | "recovering") => {
    t.mock.timers.setTime(noon + hours * 3_600_000);
    status.publish({ lifecycle, detail: "" });
    const { since, reconnects } = seen.at(-1) ?? {};
    return { since, reconnects };
  };
  assert.deepEqual(at(0, "ready"), { since: noon, reconnects: count(0, 0) });
  assert.deepEqual(at(1, "recovering"), { since: noon + 3_600_000, reconnects: count(0, 0) });
  assert.equal(at(2, "recovering").since, undefined, "the same state goes on");
  assert.deepEqual(at(3, "ready").reconnects, count(1, 1));
  at(4, "recovering");
  assert.deepEqual(at(5, "ready").reconnects, count(2, 2));
  assert.deepEqual(at(24, "recovering").reconnects, count(2, 0, "2026-01-03"));
  assert.deepEqual(at(25, "ready").reconnects, count(3, 1, "2026-01-03"));
});
