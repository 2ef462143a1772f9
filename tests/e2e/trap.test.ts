/** A trap inside the core, in the real gateway: it costs one account a moment, and nobody else anything. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PATIENCE, reply, stage } from "./support.ts";

/** The fault build panics on these texts, before and after the message is on disk; see `src/faults.rs`. */
const TRAP = "trap the core";
const TRAP_STORED = "trap the stored core";

test("an account whose core traps is back at once, gives the message up, and its neighbor never notices", async (context) => {
  await using scene = await stage({
    variant: "faults",
    sandbox: { rules: [{ when: /ping (\w+)/, reply: (_request, match) => `pong ${match[1]}` }] },
  });
  const { sandbox, claw } = scene;
  const { control, ledger } = sandbox;
  // What is queued before a bot's very first look at the queue is passed over: it must have looked.
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "ping first" });
  await control.wait({ ...reply.dmwork, who: "reviewer_bot", contains: "pong first" }, PATIENCE);
  const since = ledger.last;
  const trapped = control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: TRAP });
  control.say({ on: "dmwork", from: "bob", dm: "helper_bot", text: "ping neighbor" });
  const back = await control.wait({ server: "dmwork", kind: "connect", who: "reviewer_bot" }, { since, ...PATIENCE });
  const said = ledger.find(
    { server: "dmwork", kind: "sent", who: "reviewer_bot", contains: trapped.messageId },
    since,
  )[0];
  assert.ok(said !== undefined);
  context.diagnostic(`connected again after ${back.at - said.at} ms`);
  // Half a second on a machine with nothing else to do; the rest before a second rebuild alone would take longer.
  assert.ok(back.at - said.at < 10_000, "rebuilt and connected at once");
  await control.wait({ ...reply.dmwork, who: "helper_bot", contains: "pong neighbor" }, { since, ...PATIENCE });
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "ping again" });
  await control.wait({ ...reply.dmwork, who: "reviewer_bot", contains: "pong again" }, { since, ...PATIENCE });
  const stored = control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: TRAP_STORED });
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "ping finally" });
  await control.wait({ ...reply.dmwork, who: "reviewer_bot", contains: "pong finally" }, { since, ...PATIENCE });

  assert.equal(ledger.find({ server: "dmwork", kind: "disconnect", who: "helper_bot" }, since).length, 0);
  assert.ok(
    claw.lines.some((line) => /reviewer/.test(line) && /trap/i.test(line)),
    claw.tail(),
  );
  assert.ok(!claw.lines.some((line) => /uncaught|unhandled/i.test(line)), claw.tail());
  for (const { messageId } of [trapped, stored]) {
    const why = await claw.cli("dmwork", "why", messageId);
    assert.match(why.out, /core-fault/);
  }
});
