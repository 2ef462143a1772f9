/** What people see while an answer is being written. */

import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import { isRecord } from "../../sandbox/json.ts";

const posts = { kind: "http", name: "POST /v1/bot/sendMessage" } as const;
const edits = { kind: "http", name: "POST /v1/bot/message/edit" } as const;

function text(count: number): string {
  return "word ".repeat(count);
}

story("a long answer grows in one message, and its last edit is the whole text", async (client) => {
  const { ledger, sandbox, host } = client;
  host.keepsTurns = true;
  await client.ready();
  client.group("@Reviewer tell me everything", { mention: [BOT] });
  await client.turns(1);
  const [turn] = host.turns;
  assert.equal(turn?.progress, "edits");
  client.drive.write(turn?.turn ?? "", text(60));
  await client.entry(posts);
  client.drive.write(turn?.turn ?? "", text(90));
  await client.leap(3);
  await client.entry(edits);
  const whole = `${text(120)}\n\nThe end.`;
  const more = { ofTurn: turn?.turn ?? "" };
  const [id] = await client.drive.send(turn?.to ?? "", whole, more);
  assert.equal(ledger.find(posts).length, 1);
  const shown: unknown = JSON.parse(sandbox.dmwork.office.log.editOf(BigInt(id ?? 0)) ?? "{}");
  assert.ok(isRecord(shown));
  assert.equal(shown["content"], `@Bob ${whole}`);
  assert.deepEqual(shown["reply"], { message_id: turn?.turn });
});

story("a question is marked as read", async (client) => {
  await client.ready();
  const id = client.dm("hello");
  const { data } = await client.entry({ kind: "http", name: "POST /v1/bot/readReceipt" });
  assert.deepEqual(data["request"], { channel_id: "ann", channel_type: 1, message_ids: [id] });
  assert.equal(data["status"], 200);
});
