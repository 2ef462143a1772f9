import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call, type Answered } from "./call.ts";
import { WukongClient } from "./wukong-client.ts";

type BotUid = keyof Sandbox["world"]["dmwork"]["tokens"];

function as(sandbox: Sandbox, uid: BotUid = "reviewer_bot") {
  const headers = { authorization: `Bearer ${sandbox.world.dmwork.tokens[uid]}` };
  const url = (path: string) => `${sandbox.urls.dmwork}/v1/bot/${path}`;
  return {
    post: (path: string, body?: unknown): Promise<Answered> => call(url(path), headers, body),
    put: (path: string, body: unknown): Promise<Answered> => call(url(path), headers, body, "PUT"),
    get: (path: string): Promise<Answered> => call(url(path), headers, undefined, "GET"),
  };
}

const text = (content: string) => ({ type: 1, content });

test("register answers who the bot is and where the realtime endpoint listens", async () => {
  await using sandbox = await startSandbox();
  const { status, json } = await as(sandbox).post("register", { plugin_version: "0.1.0" });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    robot_id: "reviewer_bot",
    name: "Reviewer",
    im_token: sandbox.world.dmwork.tokens.reviewer_bot,
    ws_url: sandbox.dmwork.wsUrl,
    api_url: sandbox.urls.dmwork,
    owner_uid: "ann",
    owner_channel_id: "ann",
  });
});

test("register names the realtime endpoint that it is told to name", async () => {
  await using sandbox = await startSandbox();
  const named = async () => (await as(sandbox).post("register", {})).json["ws_url"];
  sandbox.control.advertise("ws://127.0.0.1:1/ws");
  assert.equal(await named(), "ws://127.0.0.1:1/ws");
  sandbox.control.advertise();
  assert.equal(await named(), sandbox.dmwork.wsUrl);
});

test("register announces the token again and so kicks the live connection", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: { tokenKickMs: 5 } } });
  const token = sandbox.world.dmwork.tokens.reviewer_bot;
  using client = await WukongClient.connect(sandbox.dmwork.wsUrl, { uid: "reviewer_bot", token });
  await as(sandbox).post("register", {});
  assert.equal((await client.next("DISCONNECT")).reasonCode, 12);
  await client.closed();
});

test("a bad token is a 400 at register and a 401 everywhere else", async () => {
  await using sandbox = await startSandbox();
  const headers = { authorization: "Bearer bf_wrong" };
  const register = await call(`${sandbox.urls.dmwork}/v1/bot/register`, headers, {});
  assert.deepEqual([register.status, register.json], [400, { msg: "invalid bot token", status: 400 }]);
  const typing = await call(`${sandbox.urls.dmwork}/v1/bot/typing`, headers, {});
  assert.deepEqual([typing.status, typing.json], [401, { msg: "invalid bot token" }]);
  const [entry] = sandbox.ledger.find({ kind: "http", name: "POST /v1/bot/register" });
  assert.equal(entry?.data["credential"], "…rong");
});

test("sendMessage answers the id as a bare number beyond 2^53 and delivers the message", async () => {
  await using sandbox = await startSandbox();
  const { tokens, groupNo } = sandbox.world.dmwork;
  using helper = await WukongClient.connect(sandbox.dmwork.wsUrl, { uid: "helper_bot", token: tokens.helper_bot });
  const request = { channel_id: groupNo, channel_type: 2, payload: text("done") };
  const answer = await as(sandbox).post("sendMessage", request);
  const id = /"message_id":(\d+)[,}]/.exec(answer.text)?.[1] ?? "";
  assert.ok(BigInt(id) > 2n ** 53n);
  const recv = await helper.next("RECV");
  assert.equal(String(recv.messageId), id);
  assert.equal(recv.fromUid, "reviewer_bot");
  assert.deepEqual(JSON.parse(helper.unseal(recv)), text("done"));
});

test("a bot writes only to its groups, its friends and its owner", async () => {
  await using sandbox = await startSandbox();
  sandbox.dmwork.addUser("mallory");
  const { directory } = sandbox.dmwork;
  const foreign = directory.addGroup("others", "ann", ["bob"]);
  const foreignThread = directory.threadChannel(foreign, directory.addThread(foreign, "secret", "ann"));
  const { groupNo, threadChannel } = sandbox.world.dmwork;
  const places: [string, number, number][] = [
    ["ann", 1, 200],
    ["sales_ann", 1, 200],
    ["mallory", 1, 400],
    ["nobody", 1, 400],
    [groupNo, 2, 200],
    [threadChannel, 5, 200],
    [foreign.groupNo, 2, 400],
    [foreignThread, 5, 400],
    [`${groupNo}____400000000000000000`, 5, 400],
  ];
  for (const [channel_id, channel_type, expected] of places) {
    const { status } = await as(sandbox).post("sendMessage", { channel_id, channel_type, payload: text("hi") });
    assert.equal(status, expected, channel_id);
  }
  const empty = await as(sandbox).post("sendMessage", { channel_id: "ann", channel_type: 1, payload: {} });
  assert.equal(empty.status, 400);
});

test("the Space of a direct message is the server's word", async () => {
  await using sandbox = await startSandbox();
  const bot = sandbox.dmwork.directory.bots.get("reviewer_bot");
  assert.ok(bot);
  const send = () =>
    as(sandbox).post("sendMessage", {
      channel_id: "ann",
      channel_type: 1,
      payload: { ...text("x"), space_id: "forged" },
    });
  await send();
  bot.spaceId = "s1";
  await send();
  const log = await as(sandbox).post("messages/sync", { channel_id: "ann", channel_type: 1 });
  const payloads = [...log.text.matchAll(/"payload":"([^"]+)"/g)].map(([, base64 = ""]) =>
    Buffer.from(base64, "base64").toString("utf8"),
  );
  assert.deepEqual(payloads, ['{"type":1,"content":"x"}', '{"type":1,"content":"x","space_id":"s1"}']);
});

test("typing, heartbeat, readReceipt and message/edit answer status 200 and check what the server checks", async () => {
  await using sandbox = await startSandbox();
  const bot = as(sandbox);
  const ann = { channel_id: "ann", channel_type: 1 };
  const sent = await bot.post("sendMessage", { ...ann, payload: text("v1") });
  const messageId = String(sent.json["message_id"]);
  for (const [path, body] of [
    ["typing", ann],
    ["heartbeat", {}],
    ["readReceipt", { ...ann, message_ids: [messageId] }],
    ["message/edit", { ...ann, message_id: messageId, content_edit: '{"type":1,"content":"v2"}' }],
  ] as const) {
    assert.deepEqual((await bot.post(path, body)).json, { status: 200 }, path);
  }
  const tooMany = Array.from({ length: 101 }, () => messageId);
  assert.equal((await bot.post("readReceipt", { ...ann, message_ids: tooMany })).status, 400);
  const edit = { ...ann, message_id: messageId, content_edit: "{}" };
  assert.equal((await as(sandbox, "helper_bot").post("message/edit", edit)).status, 400);
});

test("events hold what addresses the bot, ascending, until they are acknowledged one by one", async () => {
  await using sandbox = await startSandbox();
  const { control } = sandbox;
  const group = sandbox.world.dmwork.groupNo;
  const say = (what: object) => control.say({ on: "dmwork", from: "bob", group, ...what });
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "direct" });
  say({ text: "chatter" });
  say({ text: "@reviewer_bot by name" });
  say({ text: "by uid", mention: ["reviewer_bot"] });
  say({ text: "to all", mention: { all: 1 } });
  const { json, text: raw } = await as(sandbox).post("events", { event_id: 0 });
  assert.equal(json["status"], 1);
  assert.deepEqual(
    [...raw.matchAll(/"content":"([^"]+)"/g)].map(([, content]) => content),
    ["direct", "@reviewer_bot by name", "by uid"],
  );
  assert.match(raw, /"message_id":\d{18,19},/);
  const first = Number(/"event_id":(\d+)/.exec(raw)?.[1]);
  await as(sandbox).post(`events/${first}/ack`);
  const rest = await as(sandbox).post("events", { event_id: 0, limit: 1 });
  assert.doesNotMatch(rest.text, /"content":"direct"/);
  assert.equal([...rest.text.matchAll(/"event_id"/g)].length, 1);
});

test("messages/sync pages through a channel in both directions", async () => {
  await using sandbox = await startSandbox();
  const { groupNo } = sandbox.world.dmwork;
  for (let count = 1; count <= 6; count += 1) sandbox.dmwork.say({ from: "bob", group: groupNo, text: `m${count}` });
  const seqs = async (page: object) => {
    const { text: raw } = await as(sandbox).post("messages/sync", { channel_id: groupNo, channel_type: 2, ...page });
    return [...raw.matchAll(/"message_seq":(\d+)/g)].map(([, seq]) => Number(seq));
  };
  assert.deepEqual(await seqs({ limit: 2 }), [5, 6], "the latest page, ascending");
  assert.deepEqual(await seqs({ start_message_seq: 4, end_message_seq: 1, pull_mode: 0 }), [2, 3, 4]);
  assert.deepEqual(await seqs({ start_message_seq: 3, end_message_seq: 0, limit: 2, pull_mode: 1 }), [3, 4]);
  assert.deepEqual(await seqs({ start_message_seq: 3, end_message_seq: 5, pull_mode: 1 }), [3, 4]);
});

test("groups, members and rules have the server's shapes and errors", async () => {
  await using sandbox = await startSandbox();
  const { groupNo, threadChannel } = sandbox.world.dmwork;
  const [admin, member] = [as(sandbox), as(sandbox, "helper_bot")];
  assert.equal((await admin.get("groups")).text, JSON.stringify([{ group_no: groupNo, name: "release crew" }]));
  const { creator, status } = (await admin.get(`groups/${groupNo}`)).json;
  assert.deepEqual({ creator, status }, { creator: "ann", status: 1 });
  const members = (await admin.get(`groups/${groupNo}/members`)).text;
  assert.match(
    members,
    /"uid":"reviewer_bot","name":"Reviewer","role":0,"robot":1,.*"owner_uid":"ann","owner_name":"Ann Lee"/,
  );

  const none = { content: "", version: 0, updated_at: null, updated_by: "" };
  assert.deepEqual((await member.get(`groups/${groupNo}/md`)).json, none);
  assert.deepEqual((await admin.put(`groups/${groupNo}/md`, { content: "# be kind" })).json, { version: 1 });
  assert.equal((await member.get(`groups/${groupNo}/md`)).json["content"], "# be kind");
  assert.equal((await member.put(`groups/${groupNo}/md`, { content: "x" })).status, 403);
  assert.equal((await admin.put(`groups/${groupNo}/md`, { content: "x".repeat(10_241) })).status, 400);
  assert.equal((await admin.get(`groups/${threadChannel}/md`)).status, 400);
  assert.equal((await admin.get(`groups/${"0".repeat(32)}`)).status, 400);

  sandbox.dmwork.addBot("lonely_bot", "bob");
  const lonely = { authorization: `Bearer ${sandbox.dmwork.directory.bots.get("lonely_bot")?.token}` };
  assert.equal((await call(`${sandbox.urls.dmwork}/v1/bot/groups`, lonely, undefined, "GET")).text, "null");
});

test("threads are listed, created and read, with ids of the right form", async () => {
  await using sandbox = await startSandbox();
  const { groupNo, threadId, threadChannel } = sandbox.world.dmwork;
  const bot = as(sandbox);
  const known = (await bot.get(`groups/${groupNo}/threads/${threadId}`)).json;
  assert.deepEqual([known["channel_id"], known["channel_type"], known["name"]], [threadChannel, 5, "flaky tests"]);
  const created = await bot.post(`groups/${groupNo}/threads`, { name: "new one" });
  assert.match(String(created.json["short_id"]), /^\d{15,20}$/);
  assert.match(String(created.json["channel_id"]), /^[0-9a-f]{32}____\d{15,20}$/);
  const paged = (await bot.get(`groups/${groupNo}/threads?page_index=2&page_size=1`)).json;
  assert.equal(paged["count"], 2);
  assert.equal((await bot.get(`groups/${groupNo}/threads/12`)).status, 400);
});

test("changed rules are announced in their channel by the bot itself, to every bot", async () => {
  await using sandbox = await startSandbox();
  const { groupNo, threadId, threadChannel, tokens } = sandbox.world.dmwork;
  using helper = await WukongClient.connect(sandbox.dmwork.wsUrl, { uid: "helper_bot", token: tokens.helper_bot });
  const bot = as(sandbox);
  assert.equal((await bot.put(`groups/${groupNo}/threads/${threadId}/md`, { content: " " })).status, 400);
  await bot.put(`groups/${groupNo}/threads/${threadId}/md`, { content: "# thread" });
  await bot.put(`groups/${groupNo}/md`, { content: "" });
  const [thread, group] = [await helper.next("RECV"), await helper.next("RECV")];
  assert.deepEqual([thread.channelId, thread.channelType, thread.fromUid], [threadChannel, 5, "reviewer_bot"]);
  assert.match(helper.unseal(thread), /"event":\{"type":"thread_md_updated","version":1,"updated_by":"reviewer_bot"/);
  assert.match(helper.unseal(group), /"type":"group_md_updated".*"mention":\{"uids":\["reviewer_bot","helper_bot"\]\}/);
});

test("groups are created and changed by whom the server lets, and people come and go", async () => {
  await using sandbox = await startSandbox();
  const [admin, member] = [as(sandbox), as(sandbox, "helper_bot")];
  const created = (await member.post("createGroup", { name: "n".repeat(30), members: ["bob", "reviewer_bot"] })).json;
  assert.deepEqual([created["name"], created["skipped_members"]], ["n".repeat(20), ["reviewer_bot"]]);
  assert.equal((await member.post("createGroup", { members: ["reviewer_bot"] })).status, 400);
  const { groupNo, threadId } = sandbox.world.dmwork;
  const group = `groups/${groupNo}`;
  assert.deepEqual((await admin.put(`${group}/info`, { notice: "n" })).json, { ok: true });
  assert.equal((await member.put(`${group}/info`, { notice: "n" })).status, 403);
  sandbox.dmwork.addUser("carol");
  assert.deepEqual((await member.post(`${group}/members/add`, { members: ["carol"] })).json, { ok: true, added: 1 });
  assert.deepEqual((await admin.post(`${group}/members/remove`, { members: ["carol"] })).json, {
    ok: true,
    removed: 1,
  });
  assert.match((await admin.get(`${group}/threads/${threadId}/members`)).text, /"uid":"ann","name":"Ann Lee","role":1/);
  const url = `${sandbox.urls.dmwork}/v1/bot/${group}/threads/${threadId}`;
  const by = (uid: BotUid) => ({ authorization: `Bearer ${sandbox.world.dmwork.tokens[uid]}` });
  assert.equal((await call(url, by("helper_bot"), undefined, "DELETE")).status, 400);
  assert.equal((await call(url, by("reviewer_bot"), undefined, "DELETE")).status, 200);
  assert.equal((await admin.get(`${group}/threads/${threadId}`)).status, 400);
});

test("user/info knows people and bots, strips a Space prefix, and answers 404 for the rest", async () => {
  await using sandbox = await startSandbox();
  const bot = as(sandbox);
  assert.equal((await bot.get("user/info?uid=ann")).json["name"], "Ann Lee");
  assert.equal((await bot.get("user/info?uid=s12_bob")).json["uid"], "bob");
  assert.equal((await bot.get("user/info?uid=sales_ann")).json["uid"], "sales_ann");
  const missing = await bot.get("user/info?uid=ghost");
  assert.deepEqual([missing.status, missing.json], [404, { msg: "user not found" }]);
});

test("what the server never registered is a 404, the stream calls included", async () => {
  await using sandbox = await startSandbox();
  for (const path of ["stream/start", "stream/end", "card/profile"]) {
    const { status, text: body } = await as(sandbox).post(path, {});
    assert.deepEqual([status, body], [404, "404 page not found"]);
  }
});

test("injected failures hit the next matching calls only", async () => {
  await using sandbox = await startSandbox();
  const { control, ledger } = sandbox;
  const bot = as(sandbox);
  const send = () => bot.post("sendMessage", { channel_id: "ann", channel_type: 1, payload: text("x") });
  control.fail("dmwork", { match: "sendMessage", status: 429, retryAfterSeconds: 2, times: 2 });
  assert.equal((await bot.post("heartbeat")).status, 200);
  const limited = await send();
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "2");
  assert.match(limited.text, /err\.shared\.rate\.limited/);
  assert.equal((await send()).status, 429);
  assert.equal((await send()).status, 200);

  control.fail("dmwork", { match: "sendMessage", drop: "before" });
  await assert.rejects(send());
  control.fail("dmwork", { match: "sendMessage", drop: "after" });
  await assert.rejects(send());
  const log = await bot.post("messages/sync", { channel_id: "ann", channel_type: 1 });
  assert.equal([...log.text.matchAll(/message_seq":\d/g)].length, 4, "two sent, two bounds: the first drop never ran");
  assert.equal(ledger.find({ kind: "http", contains: "dropped after" }).length, 1);
});

test("an edit replaces what clients show and leaves the log as it was; the same words again are no news", async () => {
  await using sandbox = await startSandbox();
  const bot = as(sandbox);
  const ann = { channel_id: "ann", channel_type: 1 };
  const { text: posted } = await bot.post("sendMessage", { ...ann, payload: text("v1") });
  const id = /"message_id":(\d+)/.exec(posted)?.[1] ?? "";
  const edit = (content: string) => bot.post("message/edit", { ...ann, message_id: id, content_edit: content });
  assert.equal((await edit('{"type":1,"content":"v2"}')).status, 200);
  assert.equal(sandbox.dmwork.office.log.editOf(BigInt(id)), '{"type":1,"content":"v2"}');
  const told = () => sandbox.ledger.find({ contains: "syncMessageExtra" }).length;
  const before = told();
  assert.equal((await edit('{"type":1,"content":"v2"}')).status, 200);
  assert.equal(told(), before);
  assert.equal((await edit("plain words")).status, 400);
  const log = await bot.post("messages/sync", { ...ann, pull_mode: 0 });
  assert.ok(log.text.includes(Buffer.from('{"type":1,"content":"v1"}').toString("base64")));
});

test("typing is passed on for ninety seconds, and again after a message", async (t) => {
  await using sandbox = await startSandbox();
  const bot = as(sandbox);
  const { token } = sandbox.dmwork.directory.users.get("ann") ?? {};
  using client = await WukongClient.connect(sandbox.dmwork.wsUrl, { uid: "ann", token: token ?? "" });
  const ann = { channel_id: "ann", channel_type: 1 };
  const seen = () => sandbox.ledger.find({ kind: "sent", name: "RECV", who: "ann" }).length;
  const start = Date.now();
  const now = t.mock.method(Date, "now", () => start);
  await bot.post("typing", ann);
  assert.equal(seen(), 1);
  now.mock.mockImplementation(() => start + 90_000);
  assert.equal((await bot.post("typing", ann)).status, 200);
  assert.equal(seen(), 1, "silently not");
  await bot.post("sendMessage", { ...ann, payload: text("still at it") });
  await bot.post("typing", ann);
  assert.equal(seen(), 3);
  now.mock.restore();
  assert.ok(client);
});
