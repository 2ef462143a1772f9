/** What the playground's page knows and how it reads it, without a browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { REASONS } from "../../js/core/reasons.ts";
import { brief } from "../../sandbox/playground/page/brief.ts";
import { countdown, initials, size, span } from "../../sandbox/playground/page/format.ts";
import { calledIn, completionAt, pieces } from "../../sandbox/playground/page/mentions.ts";
import { fateOf, stepsOf, waitsUntil } from "../../sandbox/playground/page/path.ts";
import { apply, emptyStore, roomsOf, tracesOf, WIRE_ENTRIES, writersIn } from "../../sandbox/playground/page/state.ts";
import { words } from "../../sandbox/playground/page/words.ts";
import type { LedgerEntry } from "../../sandbox/ledger.ts";
import type { ChatMessage, PlaygroundEvent, State, Trace } from "../../sandbox/playground/protocol.ts";
import { answered, message, notMentioned, stateOf, trace } from "../page/cast.ts";

const NOW = 1_000_000;

function opened(state: Partial<State> = {}) {
  const store = emptyStore();
  apply(store, { now: NOW, type: "state", state: stateOf(state) }, NOW);
  return store;
}

function told(store: ReturnType<typeof opened>, ...events: PlaygroundEvent[]) {
  for (const event of events) apply(store, event, NOW);
}

const says = (said: ChatMessage): PlaygroundEvent => ({ now: NOW, type: "message", message: said });
const traced = (one: Trace): PlaygroundEvent => ({ now: NOW, type: "trace", trace: one });

test("a message that comes again takes its own place", () => {
  const store = opened();
  const [first, second] = [message("crew", "ann", "frist"), message("crew", "bob", "second")];
  told(store, says(first), says(second), says({ ...first, text: "first", isEdited: true }));
  assert.deepEqual(
    store.messages.get("crew")?.map(({ text }) => text),
    ["first", "second"],
  );
  assert.equal(store.arrived.get("crew"), 2);
});

test("a room keeps its latest messages, and counts all", () => {
  const store = opened();
  const said = Array.from({ length: 1_200 }, (_, index) => message("crew", "ann", String(index), { at: NOW + index }));
  told(store, ...said.map(says));
  const kept = store.messages.get("crew") ?? [];
  assert.equal(kept.length, 500);
  assert.equal(kept.at(-1)?.text, "1199");
  assert.equal(store.arrived.get("crew"), 1_200);
});

test("a message from before what is kept changes nothing when it comes again", () => {
  const store = opened();
  const said = Array.from({ length: 600 }, (_, index) => message("crew", "ann", String(index), { at: NOW + index }));
  told(store, ...said.map(says));
  const [oldest] = said;
  assert(oldest);
  told(store, says({ ...oldest, isRecalled: true }));
  assert.equal(store.messages.get("crew")?.at(-1)?.text, "599");
});

function entry(n: number): LedgerEntry {
  return { n, at: n, server: "dmwork", kind: "sent", who: "", name: "RECV", data: {} };
}

test("the wire keeps its latest entries", () => {
  const store = opened();
  for (let n = 1; n <= 5_000; n += 1) told(store, { now: NOW, type: "wire", entry: entry(n) });
  assert(store.wire.length < 2 * WIRE_ENTRIES);
  assert.equal(store.wire.at(-1)?.n, 5_000);
});

test("an answer leads to the trace of its question", () => {
  const store = opened();
  const [asked, reply] = [message("dm", "ann", "Are you there?"), message("dm", "reviewer", "Yes.")];
  told(store, says(asked), says(reply), traced(answered(asked, "reviewer", reply.id)));
  assert.deepEqual(
    tracesOf(store, reply.id).map(({ path }) => path.id),
    [asked.id],
  );
});

test("who writes is believed for a while, and until the message is there", () => {
  const store = opened();
  told(store, { now: NOW, type: "typing", room: "dm", from: "reviewer" });
  assert.deepEqual(writersIn(store, "dm", NOW + 1_000), ["reviewer"]);
  assert.deepEqual(writersIn(store, "dm", NOW + 60_000), []);
  told(store, says(message("dm", "reviewer", "Yes.")));
  assert.deepEqual(writersIn(store, "dm", NOW + 1_000), []);
});

test("a state after a reconnect replaces everything, and nothing counts as new twice", () => {
  const store = opened();
  const said = [message("crew", "ann", "one"), message("crew", "ann", "two")];
  told(store, ...said.map(says));
  told(store, { now: NOW, type: "state", state: stateOf({ messages: said }) });
  assert.equal(store.messages.get("crew")?.length, 2);
  assert.equal(store.arrived.get("crew"), 2);
});

test("the server's clock is the least delayed one that was heard", () => {
  const store = opened();
  apply(store, { now: NOW + 500, type: "cut", cut: [] }, NOW);
  apply(store, { now: NOW + 500, type: "cut", cut: [] }, NOW + 400);
  assert.equal(store.ahead, 500);
});

test("a person sees the rooms that person is in", () => {
  assert.deepEqual(
    roomsOf(opened(), "bob").map(({ id }) => id),
    ["panel", "crew"],
  );
});

const names = (steps: ReturnType<typeof stepsOf>) => steps.map(({ name, standing }) => `${name} ${standing}`);

test("an answered message has gone all the way", () => {
  const asked = message("dm", "ann", "Are you there?", { at: NOW });
  const whole = answered(asked, "reviewer", "9");
  const all = ["received", "committed", "policy", "turn", "part", "delivered"].map((name) => `${name} done`);
  assert.deepEqual(names(stepsOf(whole, NOW + 5_000)), all.toSpliced(3, 0, "delay skipped"));
  assert.equal(fateOf(whole, NOW + 5_000), "answered");
});

test("a message that waits counts down, and its turn is still to come", () => {
  const said = message("panel", "ann", "The build is red.", { at: NOW });
  const judged = { verdict: "answer", reason: "no-mention-needed", judgedAt: NOW + 9 };
  const waiting = trace(said, "claw", { ...judged, waitUntil: NOW + 4_000, waitedUntil: NOW + 6_000 });
  const now = NOW + 1_000;
  assert.equal(fateOf(waiting, now), "waiting");
  assert.equal(waitsUntil(waiting), NOW + 6_000);
  assert.deepEqual(names(stepsOf(waiting, now)).slice(3), ["delay now", "turn ahead", "part ahead", "delivered ahead"]);
  assert.deepEqual(names(stepsOf(waiting, NOW + 6_001)).slice(3, 5), ["delay done", "turn now"]);
});

test("a message that is kept as context ends with its verdict", () => {
  const said = message("crew", "ann", "The migration is done.", { at: NOW });
  const kept = notMentioned(said, "reviewer");
  assert.deepEqual(names(stepsOf(kept, NOW)), ["received done", "committed done", "policy done"]);
  assert.equal(fateOf(kept, NOW), "remembered");
});

test("a turn that failed says so, and promises nothing more", () => {
  const asked = message("dm", "ann", "Are you there?", { at: NOW });
  const { path } = answered(asked, "reviewer", "9");
  assert(path.turn);
  const failed = trace(
    asked,
    "reviewer",
    { ...path, turn: { ...path.turn, sends: [], error: "no model" } },
    { isOver: true },
  );
  assert.equal(fateOf(failed, NOW), "failed");
  assert.equal(stepsOf(failed, NOW).at(-1)?.error, "no model");
});

const callables = [
  { id: "reviewer", name: "Reviewer" },
  { id: "ann", name: "Ann Lee" },
  { id: "a", name: "Ann" },
  { id: "all", name: "all" },
];

test("a text calls whom it names with an at sign, by the longest name that fits", () => {
  assert.deepEqual(calledIn("@reviewer and @Ann Lee, please, @Reviewer", callables), ["reviewer", "ann"]);
  assert.deepEqual(calledIn("@Annabel or ann@Annex, not @allow", callables), []);
  assert.deepEqual(calledIn("@all你好", callables), ["all"]);
});

test("the pieces of a text are the text", () => {
  const text = "hi @Reviewer, é 😀 @nobody";
  const all = pieces(text, callables);
  assert.equal(all.map((piece) => piece.text).join(""), text);
});

test("a name is completed from its at sign to the caret", () => {
  assert.deepEqual(completionAt("hi @re", 6, callables)?.options, [{ id: "reviewer", name: "Reviewer" }]);
  assert.equal(completionAt("hi @re", 6, callables)?.start, 3);
  assert.equal(completionAt("mail@re", 7, callables), undefined);
  assert.equal(completionAt("hi @re and", 10, callables), undefined);
  assert.equal(completionAt("@", 1, callables)?.options.length, 4);
});

test("an entry of the wire is told in a line by what matters in it", () => {
  const call = { credential: "…1a2b", query: {}, request: { content: "hi" }, status: 200, response: { code: 200 } };
  assert.equal(brief(call), '200 {"content":"hi"}');
  assert.equal(brief({ ...call, request: {} }), '200 {"code":200}');
  assert.equal(brief({ kind: "RECV", flags: { dup: false }, messageId: "7", payload: '{"type":1}' }), '{"type":1}');
  assert.equal(brief({ connection: 1, frame: 3 }), '{"connection":1}');
  assert.equal(brief({}), "");
});

test("spans, countdowns and sizes are short", () => {
  assert.deepEqual([0, 41.4, 2_540, 65_000, 120_000].map(span), ["0 ms", "41 ms", "2.5 s", "1 min 5 s", "2 min"]);
  assert.deepEqual([-5, 3_440, 117_000].map(countdown), ["0.0 s", "3.4 s", "1:57"]);
  assert.deepEqual([812, 4_210, 1_300_000].map(size), ["812 B", "4.2 KB", "1.3 MB"]);
  assert.deepEqual(["Ann Lee", "claw", "", "安"].map(initials), ["AL", "C", "", "安"]);
});

test("Chinese has a sentence for every reason, and a remedy where English has one", () => {
  for (const [reason, { fix }] of Object.entries(REASONS)) {
    const about = words.zh.reasons[reason];
    assert(about?.sentence, reason);
    assert.equal(about.fix === null, fix === null, reason);
  }
});
