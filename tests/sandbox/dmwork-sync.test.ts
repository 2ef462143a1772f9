import assert from "node:assert/strict";
import { test } from "node:test";
import { isRecord } from "../../sandbox/json.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

/** What a client reads in order to catch up. */
function reader(sandbox: Sandbox, uid: "reviewer_bot" | "helper_bot" = "reviewer_bot") {
  const headers = { authorization: `Bearer ${sandbox.world.dmwork.tokens[uid]}` };
  const post = (path: string, body: object) => call(`${sandbox.urls.dmwork}/v1/bot/${path}`, headers, body);
  const list = async (path: string, body: object, key: string): Promise<Record<string, unknown>[]> => {
    const { json } = await post(path, body);
    const items = json[key];
    return Array.isArray(items) ? items.filter(isRecord) : [];
  };
  return {
    post,
    sync: (channel_id: string, channel_type: number, page: object = {}) =>
      list("messages/sync", { channel_id, channel_type, ...page }, "messages"),
    events: (page: object = {}) => list("events", page, "results"),
  };
}

const ofSeq = ({ message_seq }: Record<string, unknown>) => message_seq;

function contentOf({ payload }: Record<string, unknown>): unknown {
  const parsed: unknown = JSON.parse(Buffer.from(String(payload), "base64").toString("utf8"));
  return isRecord(parsed) ? parsed["content"] : undefined;
}

test("a newer page begins at its start and is open or ends before its end; without both it is the latest page", async () => {
  await using sandbox = await startSandbox();
  const { groupNo } = sandbox.world.dmwork;
  for (let count = 1; count <= 230; count += 1) sandbox.dmwork.say({ from: "bob", group: groupNo, text: `m${count}` });
  const bot = reader(sandbox);
  const bounds = async (page: object) => {
    const seqs = (await bot.sync(groupNo, 2, page)).map(ofSeq);
    return [seqs[0], seqs.at(-1), seqs.length];
  };
  assert.deepEqual(
    await bounds({ start_message_seq: 20, end_message_seq: 0, limit: 200, pull_mode: 1 }),
    [20, 219, 200],
  );
  assert.deepEqual(await bounds({ start_message_seq: 20, end_message_seq: 30, pull_mode: 1 }), [20, 29, 10]);
  assert.deepEqual(await bounds({ start_message_seq: 1, end_message_seq: 0, pull_mode: 1 }), [1, 50, 50]);
  assert.deepEqual(await bounds({ start_message_seq: 1, pull_mode: 1, limit: 1_000 }), [1, 200, 200]);
  assert.deepEqual(await bounds({ start_message_seq: 0, end_message_seq: 0, pull_mode: 1 }), [181, 230, 50]);
  assert.deepEqual(await bounds({ start_message_seq: 231, end_message_seq: 0, pull_mode: 1 }), [
    undefined,
    undefined,
    0,
  ]);
  assert.deepEqual(await bounds({ start_message_seq: 30, end_message_seq: 20, pull_mode: 0 }), [21, 30, 10]);
});

test("a page has ids beyond 2^53 as numbers and payloads as base64, and is for members and friends only", async () => {
  await using sandbox = await startSandbox();
  const { groupNo, threadChannel } = sandbox.world.dmwork;
  sandbox.dmwork.say({ from: "bob", thread: threadChannel, text: "in the thread" });
  const bot = reader(sandbox);
  const [message] = await bot.sync(threadChannel, 5, { start_message_seq: 1, pull_mode: 1 });
  assert.equal(typeof message?.["message_id"], "bigint");
  assert.deepEqual([message?.["from_uid"], message && contentOf(message)], ["bob", "in the thread"]);
  sandbox.dmwork.addUser("stranger");
  const group = sandbox.dmwork.directory.groups.get(groupNo);
  group?.members.delete("reviewer_bot");
  for (const [channel_id, channel_type] of [
    [groupNo, 2],
    [threadChannel, 5],
    ["stranger", 1],
    ["nobody", 1],
  ] as const) {
    assert.equal((await bot.post("messages/sync", { channel_id, channel_type })).status, 400, channel_id);
  }
});

test("both directions of a direct chat share one sequence, named after the peer for either side", async () => {
  await using sandbox = await startSandbox();
  sandbox.dmwork.say({ from: "ann", dm: "reviewer_bot", text: "question" });
  await reader(sandbox).post("sendMessage", {
    channel_id: "ann",
    channel_type: 1,
    payload: { type: 1, content: "answer" },
  });
  sandbox.dmwork.say({ from: "ann", dm: "helper_bot", text: "not for you" });
  const page = await reader(sandbox).sync("ann", 1, { start_message_seq: 1, pull_mode: 1 });
  assert.deepEqual(
    page.map((message) => [message["message_seq"], message["channel_id"], message["from_uid"], contentOf(message)]),
    [
      [1, "ann", "ann", "question"],
      [2, "ann", "reviewer_bot", "answer"],
    ],
  );
});

test("what is not stored and what is a command of its own log leave no gap and stand in no page", async () => {
  await using sandbox = await startSandbox();
  const group = sandbox.world.dmwork.groupNo;
  const say = (text: string, flags = {}) => sandbox.dmwork.say({ from: "bob", group, text, flags }).messageSeq;
  const seqs = [
    say("one"),
    say("fleeting", { noPersist: true }),
    say("command", { syncOnce: true }),
    say("command", { syncOnce: true }),
    say("both", { syncOnce: true, noPersist: true }),
    say("two"),
  ];
  assert.deepEqual(seqs, [1, 0, 1, 2, 0, 2]);
  const page = await reader(sandbox).sync(group, 2, { start_message_seq: 1, pull_mode: 1 });
  assert.deepEqual(page.map(contentOf), ["one", "two"]);
});

test("events count for each bot, and pages of them are bounded", async () => {
  await using sandbox = await startSandbox();
  const say = (dm: string, text: string, flags = {}) => sandbox.dmwork.say({ from: "ann", dm, text, flags });
  for (let count = 1; count <= 130; count += 1) say("reviewer_bot", `m${count}`);
  say("helper_bot", "first");
  say("helper_bot", "fleeting", { noPersist: true });
  const [reviewer, helper] = [reader(sandbox), reader(sandbox, "helper_bot")];
  const ids = async (page: object) => (await reviewer.events(page)).map(({ event_id }) => event_id);
  assert.equal((await ids({ event_id: 0 })).length, 20);
  assert.equal((await ids({ event_id: 0, limit: 500 })).length, 100);
  assert.deepEqual(await ids({ event_id: 128, limit: 100 }), [129, 130]);
  await reviewer.post("events/129/ack", {});
  await reviewer.post("events/129/ack", {});
  assert.deepEqual(await ids({ event_id: 128 }), [130]);
  assert.deepEqual(
    (await helper.events()).map(({ event_id }) => event_id),
    [1],
  );
});
