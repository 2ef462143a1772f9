/** kill -9 in the real gateway: whatever was on disk is answered once, and so is what was said meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { online, PATIENCE, reply, stage, texts } from "./support.ts";

test("a crash loses no message and answers none twice", async () => {
  await using scene = await stage({
    replyDelayMs: 8_000,
    sandbox: {
      rules: [
        { when: /warm up (\w+)/, reply: (_request, match) => `warm ${match[1]}` },
        // Released after the crash: the first request dies with the gateway.
        { when: /think hard/, reply: "thought hard", hold: "thinking" },
        { when: /in the queue/, reply: "queued and answered" },
        { when: /while waiting/, reply: "batch answered" },
        { when: /nobody was there/, reply: "answered after all" },
        { when: /continu|interrupt|resum/i, reply: "thought hard" },
      ],
    },
  });
  const { sandbox, claw } = scene;
  const { control, ledger, world } = sandbox;
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "warm up bob" });
  await control.wait({ ...reply.dmwork, contains: "warm bob" }, PATIENCE);

  const mark = ledger.last;
  // Waiting for a quiet moment: committed, no turn yet. Said first, so that it is on disk when the others are.
  control.say({ on: "mochat", from: "ann", panel: world.mochat.panels.build, text: "said while waiting" });
  // Being thought about: adopted, so the host's own recovery answers it.
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "think hard" });
  await control.wait({ server: "model", kind: "received", contains: "think hard" }, { since: mark, ...PATIENCE });
  // Queued behind it: committed, never adopted.
  const queued = control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "in the queue" });
  const acknowledged = { server: "dmwork", kind: "received", name: "RECVACK", contains: queued.messageId } as const;
  await control.wait(acknowledged, PATIENCE);
  await claw.stop("SIGKILL");

  // Of this the gateway knows nothing: it is in the server's queue and logs.
  const { groupNo } = world.dmwork;
  const away = { on: "dmwork", from: "bob", group: groupNo } as const;
  control.say({ ...away, text: "said when nobody was there", mention: ["reviewer_bot"] });

  const restart = ledger.last;
  control.release("thinking");
  await claw.start();
  await online(sandbox, restart);
  await control.wait({ ...reply.dmwork, contains: "thought hard" }, { since: restart, ...PATIENCE });
  await control.wait({ ...reply.dmwork, contains: "queued and answered" }, { since: restart, ...PATIENCE });
  await control.wait({ ...reply.panel, contains: "batch answered" }, { since: restart, ...PATIENCE });

  await control.wait({ ...reply.dmwork, contains: "answered after all" }, { since: restart, ...PATIENCE });

  // Whatever would answer twice has had its time once a later question is answered.
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "warm up again" });
  await control.wait({ ...reply.dmwork, contains: "warm again" }, { since: restart, ...PATIENCE });
  const answers = [...texts(sandbox, reply.dmwork, mark), ...texts(sandbox, reply.panel, mark)];
  for (const answer of ["thought hard", "queued and answered", "batch answered", "answered after all"]) {
    assert.equal(answers.filter((text) => text.endsWith(answer)).length, 1, `${answer}: ${answers.join(" | ")}`);
  }
});
