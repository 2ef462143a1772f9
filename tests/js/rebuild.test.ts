// Apart from the other stories of the drive: a faked clock would stop the timers of their sockets too.
import assert from "node:assert/strict";
import { test } from "node:test";
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
