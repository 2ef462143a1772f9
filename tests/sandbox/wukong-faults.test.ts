import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { ServerKey } from "../../sandbox/wukong/cipher.ts";
import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { FrameHeaders } from "../../sandbox/wukong/frame-headers.ts";
import { noFlags, setting, type Packet } from "../../sandbox/wukong/packet.ts";
import { call } from "./call.ts";
import { WukongClient } from "./wukong-client.ts";

const BOT = "reviewer_bot";

async function closeCode({ websocket }: WukongClient): Promise<unknown> {
  return (await once(websocket, "close"))[0];
}

function connected({ dmwork, world }: Sandbox): Promise<WukongClient> {
  return WukongClient.connect(dmwork.wsUrl, { uid: BOT, token: world.dmwork.tokens[BOT] });
}

test("a server without encryption sends neither keys nor ciphertext, and reads plain SENDs", async () => {
  await using sandbox = await startSandbox({ dmwork: { encryption: false } });
  const { dmwork, world, control, ledger } = sandbox;
  const token = world.dmwork.tokens[BOT];
  using client = await WukongClient.open(dmwork.wsUrl, { uid: BOT, token });
  const connack = await client.next("CONNACK");
  assert.deepEqual([connack.reasonCode, connack.serverKey, connack.salt], [1, "", ""]);
  control.say({ on: "dmwork", from: "ann", dm: BOT, text: "open" });
  const recv = await client.next("RECV");
  assert.deepEqual([recv.msgKey, recv.payload.toString("utf8")], ["", '{"type":1,"content":"open"}']);
  const place = { channelId: "ann", channelType: 1 };
  const payload = Buffer.from('{"type":1,"content":"hi"}');
  client.send({
    kind: "SEND",
    flags: noFlags,
    setting: 0,
    clientSeq: 1,
    clientMsgNo: "c",
    ...place,
    msgKey: "",
    payload,
  });
  assert.equal((await client.next("SENDACK")).reasonCode, 1);
  await ledger.waitFor({ name: "SEND", contains: "hi" });
});

test("the next RECVs are damaged as often as wanted", async () => {
  await using sandbox = await startSandbox();
  using client = await connected(sandbox);
  sandbox.control.damage(BOT, "key");
  const say = () => sandbox.control.say({ on: "dmwork", from: "ann", dm: BOT, text: "x" });
  say();
  const forged = await client.next("RECV");
  assert.throws(() => client.unseal(forged), /wrong msgKey/);
  sandbox.control.damage(BOT, "payload");
  say();
  const broken = await client.next("RECV");
  assert.throws(
    () => client.unseal(broken),
    (error: Error) => error.message !== "wrong msgKey",
  );
  say();
  client.unseal(await client.next("RECV"));
});

test("a NoEncrypt message with a damaged key on the v3 line has none to damage", async () => {
  await using sandbox = await startSandbox({ dmwork: { line: "v3" } });
  using client = await connected(sandbox);
  sandbox.control.damage(BOT, "key");
  sandbox.control.say({ on: "dmwork", from: "ann", dm: BOT, text: "x", setting: setting.noEncrypt });
  assert.equal((await client.next("RECV")).msgKey, "");
});

test("a deaf server hears no RECVACK and sends again, until it hears one", async () => {
  await using sandbox = await startSandbox();
  const { control, dmwork } = sandbox;
  using client = await connected(sandbox);
  control.deafen(BOT);
  control.say({ on: "dmwork", from: "ann", dm: BOT, text: "x" });
  const { messageId, messageSeq } = await client.next("RECV");
  const ack = { kind: "RECVACK" as const, flags: noFlags, messageId, messageSeq };
  client.send(ack);
  await sandbox.ledger.waitFor({ name: "RECVACK" });
  control.resend(BOT);
  assert.equal((await client.next("RECV")).messageId, messageId);
  control.deafen(BOT, false);
  client.send(ack);
  await sandbox.ledger.waitFor({ name: "RECVACK" }, { count: 2 });
  assert.deepEqual(dmwork.hub.live(BOT)[0]?.resends.unacked, []);
});

test("a distrusted bot registers and is not let in", async () => {
  await using sandbox = await startSandbox({ dmwork: { line: "v3" } });
  const { dmwork, world, control } = sandbox;
  const token = world.dmwork.tokens[BOT];
  control.distrust(BOT);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await call(`${sandbox.urls.dmwork}/v1/bot/register`, headers, {})).status, 200);
  using refused = await WukongClient.open(dmwork.wsUrl, { uid: BOT, token });
  assert.equal((await refused.handshake()).reasonCode, 2);
  control.distrust(BOT, false);
  using trusted = await connected(sandbox);
  trusted.send({ kind: "PING" });
  await trusted.next("PONG");
});

test("a connection ends by a reset, by a closing handshake, or in the middle of a packet", async () => {
  await using sandbox = await startSandbox();
  const { control } = sandbox;
  using reset = await connected(sandbox);
  control.end("reset", BOT);
  assert.equal(await closeCode(reset), 1006);

  using closed = await connected(sandbox);
  control.end("close", BOT);
  assert.equal(await closeCode(closed), 1000);

  using severed = await connected(sandbox);
  const before = severed.frames.length;
  assert.equal(control.end("sever", BOT), 1);
  for (const text of ["cut", "never sent"]) control.say({ on: "dmwork", from: "ann", dm: BOT, text });
  assert.equal(await closeCode(severed), 1006);
  assert.equal(severed.frames.length, before + 1, "half a packet came");
  assert.deepEqual(await severed.closed(), []);
});

test("the ledger numbers connections and WebSocket messages, and notes a client that goes from a frozen one", async () => {
  await using sandbox = await startSandbox();
  const { control, ledger } = sandbox;
  using client = await connected(sandbox);
  client.send({ kind: "PING" });
  const ping = await ledger.waitFor({ name: "PING" });
  assert.equal(ping.data["frame"], 2);
  const [opened] = ledger.find({ kind: "connect", name: "socket" });
  assert.equal(opened?.data["connection"], 1);
  control.halfOpen({ on: "dmwork", who: BOT });
  client.send({ kind: "PING" });
  await ledger.waitFor({ kind: "received", name: "unheard", who: BOT });
  assert.equal(ledger.find({ name: "PING" }).length, 1);
  client.websocket.terminate();
  await ledger.waitFor({ kind: "disconnect", name: "socket", who: BOT });
});

test("packets that no server takes and WebSocket fragments are violations, and the v3 line closes on them", async () => {
  for (const line of ["v2", "v3"] as const) {
    await using sandbox = await startSandbox({ dmwork: { line } });
    const { ledger } = sandbox;
    using client = await connected(sandbox);
    if (line === "v2") {
      client.send({ kind: "SUB", setting: 0, subNo: "", channelId: "c", channelType: 2, action: 0, param: "" });
      await ledger.waitFor({ name: "violation", contains: "SUB" });
    }
    client.websocket.send(Buffer.of(0x70), { fin: false });
    await ledger.waitFor({ name: "violation", contains: "fragment" });
    if (line === "v3") await client.closed();
  }
});

test("a packet that travels with CONNECT comes too early", async () => {
  await using sandbox = await startSandbox({ dmwork: { line: "v3" } });
  const socket = new WebSocket(sandbox.dmwork.wsUrl);
  await once(socket, "open");
  const identity = { uid: BOT, token: sandbox.world.dmwork.tokens[BOT], deviceId: "d", deviceFlag: 0 };
  const key = { clientTimestamp: 0n, clientKey: ServerKey.generate().publicBase64 };
  const hello: Packet = { kind: "CONNECT", flags: noFlags, protoVersion: 5, ...identity, ...key };
  socket.send(Buffer.concat([encodePacket(hello, 5), encodePacket({ kind: "PING" }, 5)]));
  await once(socket, "close");
  assert.equal(sandbox.ledger.find({ name: "violation", contains: "PING right behind CONNECT" }).length, 1);
});

test("frame headers are read from any split of the bytes", () => {
  const bytes = Buffer.concat([frame(0x82, 5), frame(0x02, 200), frame(0x80, 70_000), frame(0x8a, 0), frame(0x82, 1)]);
  for (const size of [1, 3, 1_000, bytes.length]) {
    const headers = new FrameHeaders();
    const seen: boolean[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      for (const { isFragment } of headers.push(bytes.subarray(at, at + size))) seen.push(isFragment);
    }
    assert.deepEqual(seen, [false, true, true, false, false]);
  }
});

/** A masked frame with a body of zeros. */
function frame(first: number, length: number): Buffer {
  const size =
    length > 65_535 ? [127, 0, 0, 0, 0, ...be32(length)] : length > 125 ? [126, length >> 8, length & 255] : [length];
  const [short = 0, ...rest] = size;
  return Buffer.concat([Buffer.of(first, short | 0x80, ...rest, 1, 2, 3, 4), Buffer.alloc(length)]);
}

function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
