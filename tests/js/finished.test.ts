/** Answers that the agent had finished when the gateway died, as the gateway's sessions have them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { finishedAnswer } from "../../js/host/finished.ts";
import { keepsReplies, replyOf } from "../../js/host/sdk.ts";
import { dmworkStores } from "./state.ts";

type Message = { role: string; [key: string]: unknown };

const asker = { channel: "dmwork", accountId: "one" };

/** What is found behind the message `1` in a session of these messages, which begins there. */
function found(messages: readonly unknown[], asked: { messageId?: string; accountId?: string } = {}, from = 0) {
  const events = messages.map((message, index) => ({ type: "message", id: `${index}`, message }));
  const texts = new Map(
    events.slice(from).flatMap(({ id, message }) => textIn(message).map((text) => [id, text] as const)),
  );
  const transcript = { events: [{ type: "session", version: 4, id: "s" }, ...events], texts };
  return finishedAnswer(transcript, { ...asker, messageId: "1", ...asked })?.text;
}

function textIn(message: unknown): string[] {
  const { role, content } = Object(message) as { role?: string; content?: { text: string }[] };
  return role === "assistant" ? (content ?? []).map(({ text }) => text).filter(Boolean) : [];
}

function asks(messageId: string, more: object = {}): Message {
  const about = { transport: { channel: "dmwork", messageId }, senderIdentity: { accountId: "one" }, ...more };
  return { role: "user", content: "?", __openclaw: about };
}

function says(text: string, stopReason = "stop"): Message {
  return { role: "assistant", content: [{ type: "text", text }], stopReason };
}

function recovers(content: string): Message {
  return { role: "user", provenance: { kind: "internal_system" }, content };
}

test("the answer to a message is the agent's last word before the next one", () => {
  assert.equal(found([asks("1"), says("one"), asks("2"), says("two")]), "one");
  assert.equal(found([asks("0"), says("none"), asks("1"), says("one", "length")]), "one");
  const tool = [says("let me look", "toolUse"), { role: "toolResult" }];
  assert.equal(found([asks("1"), ...tool, says("green")]), "green");
});

test("an answer that was broken off, or is somebody else's, is none", () => {
  const others = [asks("2"), says("two")];
  assert.equal(found([says("before"), asks("1")]), undefined);
  for (const stopReason of ["toolUse", "error", "aborted", ""]) {
    assert.equal(found([asks("1"), says("half", stopReason), ...others]), undefined, stopReason);
  }
  assert.equal(found([asks("1"), ...others]), undefined);
  assert.equal(found([asks("1"), says("one")], { messageId: "1~1" }), undefined);
  assert.equal(found([asks("1"), says("one")], { accountId: "two" }), undefined);
  const elsewhere = { transport: { channel: "mochat", messageId: "1" } };
  assert.equal(found([asks("1", elsewhere), says("one")]), undefined);
});

test("what the gateway's recovery makes of a turn is the gateway's, and what it passes over is ours", () => {
  const resumed = says("The build is green.");
  assert.equal(found([asks("1"), recovers("[System] Continue."), resumed]), undefined);
  assert.equal(found([asks("1"), says("It is green."), recovers("[System] Continue."), says("Done.")]), "It is green.");
  const captured = recovers('[System] Continue.\n\nNote: The interrupted final reply was captured: "It is green."');
  assert.equal(found([asks("1"), says('It is green.\nAll "42" tests pass.'), captured, resumed]), undefined);
});

test("a message that was put into the run of another has the same answer", () => {
  const run = [asks("1"), says("let me look", "toolUse"), asks("2", { steerTargetRunId: "r" }), says("both")];
  assert.equal(found(run), "both");
  assert.equal(found(run, { messageId: "2" }), "both");
});

test("a message that was put into a run behind an answer has an answer of its own", () => {
  const steering = { steerTargetRunId: "r" };
  const run = [asks("1"), says("one"), asks("2", steering), says("two"), asks("3", steering)];
  assert.equal(found(run), "one");
  assert.equal(found(run, { messageId: "2" }), "two");
  assert.equal(found(run, { messageId: "3" }), undefined);
  const looking = [...run, says("let me look", "toolUse"), asks("4", steering), says("three and four")];
  for (const messageId of ["3", "4"]) assert.equal(found(looking, { messageId }), "three and four");
});

test("what the gateway writes down as the agent's is not the agent's", () => {
  const mirror = { ...says("sent by a tool"), provider: "openclaw", model: "delivery-mirror" };
  assert.equal(found([asks("1"), says("one"), { ...says("late"), openclawDeliveryMirror: {} }]), "one");
  assert.equal(found([asks("1"), mirror]), undefined);
  assert.equal(found([asks("1"), says("one"), mirror]), "one");
});

test("an agent that ended without a word has answered, unless no words can be read at all", () => {
  assert.equal(found([asks("0"), says("none"), asks("1"), says("")]), "");
  assert.equal(found([asks("1"), says("")]), undefined);
});

test("an answer in a conversation that was ended since is none", () => {
  assert.equal(found([asks("1"), says("one"), asks("2"), says("two")], {}, 2), undefined);
});

test("a message that was asked again has the answer to its last time", () => {
  assert.equal(found([asks("1"), says("first"), asks("1"), says("second", "toolUse")]), undefined);
});

test("what has no form of a message is passed over", () => {
  assert.equal(found([null, 7, "text", [], {}, asks("1"), null, says("one")]), "one");
});

test("what goes out has no thoughts and no directives, and what is silent stays silent", async () => {
  const [reply, ...more] = await replyOf("<think>hm</think>[[reply_to_current]] It is green.\nMEDIA:./plot.png");
  assert.equal(reply?.text, "It is green.");
  assert.deepEqual(reply?.mediaUrls, ["./plot.png"]);
  assert.deepEqual(more, []);
  for (const silent of ["NO_REPLY", "", " "]) assert.deepEqual(await replyOf(silent), []);
});

test("what the gateway keeps back by the operator's word stays back", async (t) => {
  dmworkStores(t);
  const at = {
    agentId: "main",
    sessionKey: "agent:main:dmwork:group:g1@one",
    channel: "dmwork",
    chat: "group",
  } as const;
  assert.equal(await keepsReplies({ ...at, cfg: {} }), false);
  assert.equal(await keepsReplies({ ...at, chat: "direct", cfg: {} }), false);
  const byTool = { messages: { groupChat: { visibleReplies: "message_tool" } } } as const;
  assert.equal(await keepsReplies({ ...at, cfg: byTool }), true);
  assert.equal(await keepsReplies({ ...at, chat: "direct", cfg: byTool }), false);
  assert.equal(await keepsReplies({ ...at, cfg: { session: { sendPolicy: { default: "deny" } } } }), true);
});
