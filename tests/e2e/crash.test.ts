/** kill -9 in the real gateway: whatever was on disk is answered once, and so is what was said meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { online, PATIENCE, reply, stage, startAgain, texts } from "./support.ts";

/** What is said while the agent works is with the gateway by then. */
const QUEUED_WITHIN_MS = 1_000;

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

test("an answer that the agent had finished when the gateway died is sent, and not asked for again", async () => {
  await using scene = await stage({
    variant: "faults",
    sandbox: {
      rules: [
        { when: /how is the build/, reply: "the build is green", hold: "thinking" },
        { when: /and the tests/, reply: "the tests are green" },
        { when: /continu|interrupt|resum/i, reply: "the tests are green" },
        { when: /warm up/, reply: "warm" },
      ],
    },
  });
  const { sandbox, claw } = scene;
  const { control, ledger } = sandbox;
  await claw.stop();
  const mark = ledger.last;
  // The second turn is taken over behind the first, whose answer the gateway has and has not handed over.
  await startAgain(scene, { FAIL_POINT: "adopt.after:2" });
  const say = (text: string) => control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text });
  say("how is the build?");
  await control.wait({ server: "model", kind: "received", contains: "how is the build" }, { since: mark, ...PATIENCE });
  const { messageId } = say("and the tests?");
  await control.wait({ server: "dmwork", kind: "received", name: "RECVACK", contains: messageId }, PATIENCE);
  await sleep(QUEUED_WITHIN_MS);
  control.release("thinking");
  await claw.ended();

  const restart = ledger.last;
  await startAgain(scene);
  for (const contains of ["the build is green", "the tests are green"]) {
    await control.wait({ ...reply.dmwork, contains }, { since: restart, ...PATIENCE });
  }
  say("warm up");
  await control.wait({ ...reply.dmwork, contains: "warm" }, { since: restart, ...PATIENCE });
  const answers = texts(sandbox, reply.dmwork, mark);
  for (const answer of ["the build is green", "the tests are green"]) {
    assert.equal(answers.filter((text) => text.endsWith(answer)).length, 1, `${answer}: ${answers.join(" | ")}`);
  }
  const asked = ledger
    .find({ server: "model", kind: "received" }, restart)
    .map(({ data }) => JSON.stringify(data["asked"]));
  assert.deepEqual(
    asked.filter((text) => text.includes("how is the build")),
    [],
  );
});
