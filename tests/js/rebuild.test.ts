// Apart from the other stories of the drive: a faked clock would stop the timers of their sockets too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreTrap } from "../../js/core/account.ts";
import { run, trap } from "./scripted.ts";

test("a core that traps again and again gets longer rests, and its siblings notice nothing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sick = await run(t, (input) => (input.kind === "started" ? trap() : []));
  const well = await run(t, (input) =>
    input.kind === "sendAsked" ? [{ kind: "settleSend", request: input.request, messageIds: ["m"] }] : [],
  );
  const lives = async (milliseconds: number) => {
    t.mock.timers.tick(milliseconds);
    await new Promise(setImmediate);
    return sick.cores.lives;
  };
  assert.equal(await lives(0), 2, "the first rebuild comes at once");
  assert.equal(await lives(999), 2);
  assert.equal(await lives(1), 3);
  assert.equal(await lives(1_999), 3);
  assert.equal(await lives(1), 4);
  for (let life = 4; life < 12; life += 1)
    assert.equal(await lives(60_000), life + 1, "never rarer than once a minute");
  assert.deepEqual(await well.drive.send("user:ann", "hello"), ["m"]);
  assert.equal(well.cores.lives, 1);
});

test("a message over which the core traps twice is named to the next one", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sick = await run(t, (input) => {
    if (input.kind === "started" && input.suspects.length === 0) throw new CoreTrap("unreachable", "poison");
    return [];
  });
  for (let life = 1; life < 4; life += 1) {
    t.mock.timers.tick(1_000);
    await new Promise(setImmediate);
  }
  const warnings = sick.cores.told.map(({ input }) => (input.kind === "started" ? input.suspects : []));
  assert.deepEqual(warnings, [[], [], ["poison"]], "once may have been the fault of something else");
});
