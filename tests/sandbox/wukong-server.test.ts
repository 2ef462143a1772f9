import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { noFlags, setting } from "../../sandbox/wukong/packet.ts";
import type { Timing } from "../../sandbox/wukong/profile.ts";
import { WukongClient, type Credentials } from "./wukong-client.ts";

/** The servers' waiting times, scaled down so that no test waits long. */
const fast: Partial<Timing> = { authFailureMs: 30, takeoverMs: 10, tokenKickMs: 10, resendMs: 20, resendMax: 2 };

function bot(sandbox: Sandbox, more: Partial<Credentials> = {}): Credentials {
  return { uid: "reviewer_bot", token: sandbox.world.dmwork.tokens.reviewer_bot, ...more };
}

for (const version of [1, 2, 3, 4, 5]) {
  test(`a version ${version} client shakes hands and reads an encrypted message in its own layout`, async () => {
    await using sandbox = await startSandbox();
    const { dmwork, control } = sandbox;
    using client = await WukongClient.open(dmwork.wsUrl, bot(sandbox, { version }));
    const connack = await client.handshake();
    assert.equal(connack.reasonCode, 1);
    assert.equal(connack.serverVersion, version >= 4 ? version : undefined);
    assert.equal(connack.nodeId, version >= 4 ? 1n : undefined);
    const { messageId } = control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "你好 🌏" });
    const recv = await client.next("RECV");
    assert.equal(String(recv.messageId), messageId);
    assert.ok(recv.messageId > 2n ** 53n);
    assert.equal(recv.channelId, "ann", "the peer is the channel of a direct message");
    assert.deepEqual(JSON.parse(client.unseal(recv)), { type: 1, content: "你好 🌏" });
  });
}

for (const [line, latest] of [
  ["v2", 5],
  ["v3", 6],
] as const) {
  test(`a client of a newer version is answered in version ${latest} by the ${line} line`, async () => {
    await using sandbox = await startSandbox({ dmwork: { line } });
    using client = await WukongClient.open(sandbox.dmwork.wsUrl, bot(sandbox, { version: 7 }));
    assert.equal((await client.handshake()).serverVersion, latest);
    sandbox.control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "hi" });
    client.unseal(await client.next("RECV"));
  });
}

test("v2.2.5 answers a wrong token with silence and then closes", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: fast } });
  using client = await WukongClient.open(sandbox.dmwork.wsUrl, bot(sandbox, { token: "bf_wrong" }));
  assert.deepEqual(await client.closed(), []);
  const [entry] = sandbox.ledger.find({ name: "CONNECT" });
  assert.equal(entry?.data["token"], "…rong");
});

test("the v3 line answers a wrong token with CONNACK 2 and closes", async () => {
  await using sandbox = await startSandbox({ dmwork: { line: "v3" } });
  using client = await WukongClient.open(sandbox.dmwork.wsUrl, bot(sandbox, { token: "bf_wrong" }));
  assert.equal((await client.handshake()).reasonCode, 2);
  await client.closed();
});

test("a packet before CONNECT, a silent socket and an idle one are closed", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: { idleMs: 30, connectMs: 100 } } });
  const { dmwork } = sandbox;
  const silent = new WebSocket(dmwork.wsUrl);
  await once(silent, "close");
  using stranger = await WukongClient.open(dmwork.wsUrl, bot(sandbox, { uid: "" }));
  await stranger.closed();
  using idle = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  assert.deepEqual(await idle.closed(), []);
});

test("a message without RECVACK is sent again as it was, until the limit or the ack", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: fast } });
  const { dmwork, control, ledger } = sandbox;
  using client = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "poke" });
  const copies = [await client.next("RECV"), await client.next("RECV"), await client.next("RECV")];
  assert.deepEqual(copies[1], copies[0]);
  assert.equal(copies[2]?.flags.dup, false);
  assert.deepEqual(dmwork.hub.live("reviewer_bot")[0]?.resends.unacked, [], "the server gave up");

  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "poke again" });
  const { messageId, messageSeq } = await client.next("RECV");
  client.send({ kind: "RECVACK", flags: noFlags, messageId, messageSeq });
  await ledger.waitFor({ name: "RECVACK", who: "reviewer_bot" });
  assert.deepEqual(dmwork.hub.live("reviewer_bot")[0]?.resends.unacked, []);
  const mark = ledger.last;
  assert.equal(control.resend("reviewer_bot"), 1);
  assert.deepEqual(ledger.find({ name: "RECV" }, mark), [], "nothing is left to send again");
});

test("each channel counts for itself, and what is not persisted counts as 0 and is not sent again", async () => {
  await using sandbox = await startSandbox();
  const { dmwork, control, world } = sandbox;
  using client = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  const { groupNo: group, threadChannel: thread } = world.dmwork;
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "1" });
  control.say({ on: "dmwork", from: "reviewer_bot", dm: "ann", text: "2" });
  control.say({ on: "dmwork", from: "bob", group, text: "1" });
  control.say({ on: "dmwork", from: "bob", thread, text: "1" });
  control.say({ on: "dmwork", from: "bob", group, text: "fleeting", flags: { noPersist: true } });
  control.say({ on: "dmwork", from: "bob", group, text: "2" });
  const seen: unknown[] = [];
  for (let count = 0; count < 6; count += 1) {
    const { channelType, messageSeq, channelId } = await client.next("RECV");
    seen.push([channelType, channelId, messageSeq]);
  }
  const dm = [1, "ann"];
  assert.deepEqual(seen, [
    [...dm, 1],
    // Its own message comes back, because another connection sent it.
    [...dm, 2],
    [2, group, 1],
    [5, thread, 1],
    [2, group, 0],
    [2, group, 2],
  ]);
  assert.equal(dmwork.hub.live("reviewer_bot")[0]?.resends.unacked.length, 5);
});

test("a SEND reaches everyone but its own connection, and a wrong msgKey is answered with reason 9", async () => {
  await using sandbox = await startSandbox();
  const { dmwork, world } = sandbox;
  const token = dmwork.directory.users.get("ann")?.token ?? "";
  using phone = await WukongClient.connect(dmwork.wsUrl, { uid: "ann", token, deviceFlag: 0 });
  using laptop = await WukongClient.connect(dmwork.wsUrl, { uid: "ann", token, deviceFlag: 2 });
  using reviewer = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  const payload = Buffer.from(JSON.stringify({ type: 1, content: "hi" }));
  const place = { channelId: world.dmwork.groupNo, channelType: 2 };
  const good = phone.seal({ clientSeq: 7, ...place, payload });
  phone.send(good);
  const ack = await phone.next("SENDACK");
  assert.deepEqual([ack.clientSeq, ack.messageSeq, ack.reasonCode], [7, 1, 1]);
  assert.equal((await laptop.next("RECV")).fromUid, "ann");
  assert.equal((await reviewer.next("RECV")).messageId, ack.messageId);
  phone.send({ ...good, msgKey: "0".repeat(32) });
  assert.equal((await phone.next("SENDACK")).reasonCode, 9);
});

test("the v3 line closes on a wrong msgKey and on a packet that it does not know", async () => {
  await using sandbox = await startSandbox({ dmwork: { line: "v3" } });
  const { dmwork } = sandbox;
  using forger = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  const draft = { clientSeq: 1, channelId: "ann", channelType: 1, payload: Buffer.from("{}") };
  forger.send({ ...forger.seal(draft), msgKey: "no" });
  await forger.closed();
  using leaver = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  leaver.send({ kind: "DISCONNECT", reasonCode: 0, reason: "bye" });
  await leaver.closed();
});

for (const line of ["v2", "v3"] as const) {
  test(`a NoEncrypt message is ${line === "v2" ? "encrypted all the same by v2.2.5" : "plain on the v3 line"}`, async () => {
    await using sandbox = await startSandbox({ dmwork: { line } });
    using client = await WukongClient.connect(sandbox.dmwork.wsUrl, bot(sandbox));
    sandbox.control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "open", setting: setting.noEncrypt });
    const recv = await client.next("RECV");
    assert.equal(recv.setting, setting.noEncrypt);
    assert.equal(recv.msgKey === "", line === "v3");
    const text = line === "v3" ? recv.payload.toString("utf8") : client.unseal(recv);
    assert.deepEqual(JSON.parse(text), { type: 1, content: "open" });
  });
}

test("a master's new device kicks the old one, and the same device only replaces itself", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: fast } });
  const { wsUrl } = sandbox.dmwork;
  using old = await WukongClient.connect(wsUrl, bot(sandbox, { deviceId: "a" }));
  using taker = await WukongClient.connect(wsUrl, bot(sandbox, { deviceId: "b" }));
  assert.equal((await old.next("DISCONNECT")).reasonCode, 12);
  await old.closed();
  using same = await WukongClient.connect(wsUrl, bot(sandbox, { deviceId: "b" }));
  assert.deepEqual(await taker.closed(), []);
  same.send({ kind: "PING" });
  await same.next("PONG");
});

test("muted pongs, a half-open connection, and a cut server that comes back on its port", async () => {
  await using sandbox = await startSandbox();
  const { dmwork, control, ledger } = sandbox;
  using client = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  control.mutePongs("reviewer_bot");
  client.send({ kind: "PING" });
  await ledger.waitFor({ name: "PING" });
  assert.deepEqual(ledger.find({ name: "PONG" }), []);
  control.mutePongs("reviewer_bot", false);

  assert.equal(control.halfOpen({ on: "dmwork", who: "reviewer_bot" }), 1);
  control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "into the void" });
  await control.cut("dmwork");
  assert.deepEqual(await client.closed(), [], "nothing passed the half-open connection");
  await assert.rejects(fetch(dmwork.url));
  await control.restore("dmwork");
  using again = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  again.send({ kind: "PING" });
  await again.next("PONG");
});

test("packets are coalesced into one WebSocket message or split over many", async () => {
  await using sandbox = await startSandbox();
  const { dmwork, control } = sandbox;
  using client = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  const say = (text: string) => control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text });
  client.frames.length = 0;
  control.frame("reviewer_bot", { kind: "coalesce", count: 3 });
  for (const text of ["a", "b", "c"]) say(text);
  for (const text of ["a", "b", "c"]) {
    assert.deepEqual(JSON.parse(client.unseal(await client.next("RECV"))), { type: 1, content: text });
  }
  assert.equal(client.frames.length, 1);

  control.frame("reviewer_bot", { kind: "split", bytes: 1 });
  say("d");
  assert.deepEqual(JSON.parse(client.unseal(await client.next("RECV"))), { type: 1, content: "d" });
  assert.ok(client.frames.length > 50);
  assert.ok(client.frames.slice(1).every((size) => size === 1));
});

test("a direct message names its channel by the pair of uids where the server is set so", async () => {
  await using sandbox = await startSandbox({ dmwork: { personChannel: "pair" } });
  using client = await WukongClient.connect(sandbox.dmwork.wsUrl, bot(sandbox));
  sandbox.control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text: "hi" });
  const { channelId, fromUid } = await client.next("RECV");
  assert.deepEqual([channelId.split("@").sort(), fromUid], [["ann", "reviewer_bot"], "ann"]);
});

test("an EVENT carries its data in the clear, and a revoked token neither stays nor comes back", async () => {
  await using sandbox = await startSandbox({ dmwork: { timing: fast } });
  const { control, dmwork } = sandbox;
  using client = await WukongClient.connect(dmwork.wsUrl, bot(sandbox));
  control.event("reviewer_bot", "stream.delta", { message_id: 2n ** 60n, payload: { delta: "hi" } });
  const event = await client.next("EVENT");
  assert.equal(event.data.toString("utf8"), '{"message_id":1152921504606846976,"payload":{"delta":"hi"}}');
  control.revoke("reviewer_bot", "bf_new");
  assert.equal((await client.next("DISCONNECT")).reasonCode, 12);
  await client.closed();
  using refused = await WukongClient.open(dmwork.wsUrl, bot(sandbox));
  assert.deepEqual(await refused.closed(), []);
  using renewed = await WukongClient.connect(dmwork.wsUrl, bot(sandbox, { token: "bf_new" }));
  renewed.send({ kind: "PING" });
  await renewed.next("PONG");
});

test("a message of almost 1 MiB on the wire arrives in one packet over many WebSocket messages", async () => {
  await using sandbox = await startSandbox();
  using client = await WukongClient.connect(sandbox.dmwork.wsUrl, bot(sandbox));
  sandbox.control.frame("reviewer_bot", { kind: "split", bytes: 4096 });
  const text = "x".repeat(680_000);
  sandbox.control.say({ on: "dmwork", from: "ann", dm: "reviewer_bot", text });
  assert.deepEqual(JSON.parse(client.unseal(await client.next("RECV"))), { type: 1, content: text });
  assert.ok(client.frames.length > 200);
});

test("raw bytes reach the bot as they are", async () => {
  await using sandbox = await startSandbox();
  using client = await WukongClient.connect(sandbox.dmwork.wsUrl, bot(sandbox));
  sandbox.control.sendRaw("reviewer_bot", Buffer.from("80", "hex"));
  await client.next("PONG");
});
