/** An account that is stopped in the middle of its login leaves nothing behind, and can be started again. */

import { callsUnderWay } from "./calls.ts";
import { leap } from "./clock.ts";
import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";

/** Longer than the call, and every pause before the next one. */
const TEN_MINUTES = 600;

const registered = { kind: "http", name: "POST /v1/bot/register" } as const;

story(
  "an account that is stopped while it registers asks and connects no more, and starts anew",
  async (client) => {
    await client.until(() => callsUnderWay() > 0);
    const { host, ledger } = client;
    const told = host.statuses.length;
    client.drive.close();
    await client.until(() => callsUnderWay() === 0);
    leap(TEN_MINUTES);
    await turnOfTheLoop();
    await client.calm();
    assert.equal(host.statuses.length, told, "whoever stopped it is told nothing more");
    assert.ok(ledger.find(registered).length <= 1, "the one call that was under way");
    assert.deepEqual(ledger.find({ kind: "connect", who: BOT }), []);
    await client.restart();
    await client.ready();
    await client.worksWith("after the stop");
  },
  { before: ({ control }) => control.fail("dmwork", { match: "/register", drop: "never" }) },
);
