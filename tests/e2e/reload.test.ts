/** A change of an account's settings restarts it in the running gateway: nobody who writes meanwhile notices. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accepted, PATIENCE, reply, stage, texts } from "./support.ts";

test("questions around an account's restart are answered once", async () => {
  await using scene = await stage({
    sandbox: {
      // The gateway puts a message that comes early enough into the run of the one before: then one answer is for both.
      rules: [
        { when: /ping \w/, reply: ({ asked: text }) => `pong ${[...new Set(text.match(/(?<=ping )\w+/g))].join(" ")}` },
      ],
    },
  });
  const { sandbox, claw } = scene;
  const { control, ledger, world } = sandbox;
  const { ownerSession, agents } = world.mochat;
  const say = (text: string) => control.say({ on: "mochat", from: "ann", session: ownerSession, text });
  const listens = { server: "mochat", kind: "received", name: "com.claw.im.subscribePanels" } as const;
  const mark = ledger.last;
  const asked: string[] = [];
  // A question meets another moment of the restart each time.
  for (const [round, pause] of [0, 150, 400].entries()) {
    const since = ledger.last;
    const change = claw.cli("config", "set", "channels.mochat.accounts.claw.name", `claw ${round}`);
    const writing = (async () => {
      await control.wait({ server: "mochat", kind: "disconnect", who: agents.claw.userId }, { since, ...PATIENCE });
      await sleep(pause);
      say(`ping after${round}`);
    })();
    assert.equal((await change).code, 0);
    for (let nth = 0; nth < 4; nth += 1) {
      say(`ping during${round}x${nth}`);
      asked.push(`during${round}x${nth}`);
      await sleep(400);
    }
    await writing;
    asked.push(`after${round}`);
    await control.wait({ ...listens, who: agents.claw.userId }, { since, ...PATIENCE });
    for (const name of asked.slice(-5))
      await control.wait(accepted({ ...reply.session, contains: name }), { since, ...PATIENCE });
  }
  say("ping last");
  await control.wait(accepted({ ...reply.session, contains: "pong last" }), { since: mark, ...PATIENCE });
  const answered = texts(sandbox, reply.session, mark).flatMap((text) => text.replace(/^pong /, "").split(" "));
  assert.deepEqual(answered.toSorted(), [...asked, "last"].toSorted());
});
