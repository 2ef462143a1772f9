/** A store that is damaged under a running gateway: the account is back by itself, with everything that was said. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { damage } from "../client/databases.ts";
import { PATIENCE, reply, stage } from "./support.ts";

test("an account whose store is damaged starts again on a new one, and answers what was said meanwhile once", async () => {
  await using scene = await stage({
    sandbox: { rules: [{ when: /ping (\w+)/, reply: (_request, match) => `pong ${match[1]}` }] },
  });
  const { control, ledger } = scene.sandbox;
  const folder = join(scene.claw.stateDir, "plugins-data", "openclaw-mochat-dmwork", "dmwork");
  const answered = (word: string) =>
    control.wait({ ...reply.dmwork, who: "reviewer_bot", contains: `pong ${word}` }, PATIENCE);
  const say = (word: string) => control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: `ping ${word}` });
  say("first");
  await answered("first");
  damage(join(folder, "reviewer.sqlite"));
  say("meanwhile");
  await answered("meanwhile");
  say("after");
  await answered("after");
  for (const word of ["first", "meanwhile", "after"])
    assert.equal(ledger.find({ ...reply.dmwork, contains: `pong ${word}` }).length, 1, word);
  assert.ok(readdirSync(folder).some((name) => name.startsWith("reviewer.sqlite.corrupt-")));
  assert.ok(!scene.claw.lines.some((line) => /uncaught|unhandled/i.test(line)), scene.claw.tail());
});
