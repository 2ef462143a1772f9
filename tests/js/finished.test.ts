/** Answers that the agent had finished when the gateway died, as the gateway's transcripts have them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { finishedEvent } from "../../js/host/finished.ts";
import { replyOf } from "../../js/host/sdk.ts";

type Message = { role: string; [key: string]: unknown };

/** A transcript of these messages; each event is called by its number. */
function transcript(...messages: Message[]): unknown[] {
  const events = messages.map((message, index) => ({ type: "message", id: `${index}`, message }));
  return [{ type: "session", version: 4, id: "s" }, ...events];
}

function asked(messageId: string): Message {
  return { role: "user", content: "?", __openclaw: { transport: { channel: "dmwork", messageId } } };
}

function said(text: string, stopReason = "stop"): Message {
  return { role: "assistant", content: [{ type: "text", text }], stopReason };
}

const RECOVERY: Message = { role: "user", provenance: { kind: "internal_system" }, content: "[System] Continue." };

test("the answer to a message is the agent's last word before the next one", () => {
  assert.equal(finishedEvent(transcript(asked("1"), said("one"), asked("2"), said("two")), "1"), "1");
  assert.equal(finishedEvent(transcript(asked("1"), said("one"), asked("2"), said("two")), "2"), "3");
  const withTool = transcript(asked("1"), said("let me look", "toolUse"), { role: "toolResult" }, said("green"));
  assert.equal(finishedEvent(withTool, "1"), "3");
});

test("an answer that was broken off, or belongs to somebody else, is none", () => {
  assert.equal(finishedEvent(transcript(asked("1")), "1"), undefined);
  assert.equal(finishedEvent(transcript(asked("1"), said("let me look", "toolUse")), "1"), undefined);
  assert.equal(finishedEvent(transcript(asked("1"), said("", "error")), "1"), undefined);
  assert.equal(finishedEvent(transcript(asked("1"), said("half", "aborted")), "1"), undefined);
  assert.equal(finishedEvent(transcript(asked("1"), asked("2"), said("two")), "1"), undefined);
  // The gateway resumes it, and sends what comes of it.
  assert.equal(finishedEvent(transcript(asked("1"), RECOVERY, said("resumed")), "1"), undefined);
  assert.equal(finishedEvent(transcript(asked("1"), said("one")), "1~1"), undefined);
});

test("a message that was asked again has the answer to its last time", () => {
  const again = transcript(asked("1"), said("first"), asked("1"), said("second", "toolUse"));
  assert.equal(finishedEvent(again, "1"), undefined);
});

test("what has no form of a message is passed over", () => {
  const odd = [null, 7, "text", {}, { message: {} }, ...transcript(asked("1"), said("one"))];
  assert.equal(finishedEvent(odd, "1"), "1");
});

test("what goes out has no thoughts and no directives, and what is silent stays silent", async () => {
  const [reply, ...more] = await replyOf("<think>hm</think>[[reply_to_current]] It is green.\nMEDIA:./plot.png");
  assert.equal(reply?.text, "It is green.");
  assert.deepEqual(reply?.mediaUrls, ["./plot.png"]);
  assert.deepEqual(more, []);
  assert.deepEqual(await replyOf("NO_REPLY"), []);
});
