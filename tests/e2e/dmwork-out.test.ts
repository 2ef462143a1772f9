/** What the bot says on DMWork in the real gateway: files from the agent's folder, in their place among the texts. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../sandbox/json.ts";
import { PATIENCE, reply, stage, type Stage } from "./support.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Ae/FtwsAAAAASUVORK5CYII=",
  "base64",
);
const LONG = Array.from({ length: 40 }, (_, line) => `Line ${line} of a long answer that takes its time.`).join("\n");

let scene: Stage;

before(async () => {
  scene = await stage({
    sandbox: {
      rules: [
        { when: /draw a chart/, reply: "Here it is.\nMEDIA:./图.png" },
        { when: /read me the key/, reply: "Sure.\nMEDIA:/etc/hostname" },
        { when: /tell me all/, reply: [LONG.slice(0, 1_000), LONG.slice(1_000)], holdLast: "rest" },
      ],
    },
  });
});

after(async () => {
  await scene[Symbol.asyncDispose]();
});

function payloads(since: number): JsonObject[] {
  const posts = scene.sandbox.ledger.find(reply.dmwork, since);
  return posts.map(({ data }) => (data["request"] as JsonObject)["payload"] as JsonObject);
}

test("a picture of the agent's arrives behind its text, with name and size, and not as a path", async () => {
  const { control, ledger, storage } = scene.sandbox;
  const since = ledger.last;
  mkdirSync(scene.claw.workspace, { recursive: true });
  writeFileSync(join(scene.claw.workspace, "图.png"), PNG);
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "draw a chart" });
  await control.wait({ ...reply.dmwork, contains: '"type":2' }, { since, ...PATIENCE });
  const [text, image] = payloads(since);
  assert.equal(text?.["content"], "Here it is.");
  const { url, ...rest } = image ?? {};
  assert.deepEqual(rest, { type: 2, width: 16, height: 16, name: "图.png", size: PNG.length });
  assert.deepEqual(storage.get(decodeURIComponent(new URL(url as string).pathname.slice(1)))?.bytes, PNG);
});

test("a file outside of the agent's folders stays, and people read that", async () => {
  const { control, ledger } = scene.sandbox;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "read me the key" });
  await control.wait({ ...reply.dmwork, contains: "Sure." }, { since, ...PATIENCE });
  assert.deepEqual(ledger.find({ server: "storage", kind: "http" }, since), []);
  assert.ok(payloads(since).every((payload) => payload["type"] === 1));
});

test("an answer in a group replies to its question, calls whoever asked, grows and ends whole", async () => {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  const question = control.say({
    on: "dmwork",
    from: "bob",
    group: world.dmwork.groupNo,
    text: "@Reviewer tell me all",
    mention: ["reviewer_bot"],
  });
  await control.wait({ ...reply.dmwork, contains: "Line 10 of a long" }, { since, ...PATIENCE });
  control.release("rest");
  const edits = { server: "dmwork", kind: "http", name: "POST /v1/bot/message/edit" } as const;
  const { data } = await control.wait({ ...edits, contains: "Line 39 of a long" }, { since, ...PATIENCE });
  const { content_edit: edited } = data["request"] as JsonObject;
  assert.equal((JSON.parse(edited as string) as JsonObject)["content"], `@Bob ${LONG}`);
  const [first, ...more] = payloads(since);
  assert.deepEqual(more, []);
  assert.deepEqual(first?.["reply"], { message_id: question.messageId });
  assert.deepEqual((first?.["mention"] as JsonObject | undefined)?.["uids"], ["bob"]);
  const read = ledger.find({ server: "dmwork", kind: "http", name: "POST /v1/bot/readReceipt" }, since);
  assert.equal(read.length > 0, true);
});
