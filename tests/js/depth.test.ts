/** Values that are nested without end, and keys that every object has: in events, in a configuration, in calls of tools. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Server } from "socket.io";
import msgpackParser from "socket.io-msgpack-parser";
import { accountIds, accountKey, resolveAccount, withAccountKeys } from "../../js/channels/accounts.ts";
import { openCore } from "../../js/core/account.ts";
import type { SocketIoParser } from "../../js/core/protocol.ts";
import { changesBetween, withChange } from "../../js/io/json5.ts";
import { openSocketIo } from "../../js/io/socketio.ts";
import { Facts } from "./facts.ts";
import { listen } from "./loopback.ts";

/** An event `x` with a list in a list in a list, in the bytes of each parser. */
const deep = {
  json: (levels: number) => `2["x",${"[".repeat(levels)}${"]".repeat(levels)}]`,
  // {type: 2, nsp: "/", data: ["x", [[…]]]}
  msgpack: (levels: number) =>
    Buffer.concat([
      Buffer.from("\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1x", "latin1"),
      Buffer.alloc(levels, 0x91),
      Buffer.from([1]),
    ]),
};

/** What a connection reports when its server sends this and then an ordinary event. */
async function heard(parser: SocketIoParser, bytes: string | Buffer): Promise<Facts> {
  const http = createServer();
  const server = new Server(http, {
    serveClient: false,
    ...(parser === "msgpack" ? { parser: msgpackParser } : {}),
  });
  const url = `http://127.0.0.1:${await listen(http)}`;
  server.on("connection", (peer) => {
    peer.on("go", () => {
      (peer.conn as unknown as { write(data: unknown): void }).write(bytes);
      peer.emit("after", { ok: true });
    });
  });
  const facts = new Facts();
  const socket = openSocketIo(1, { url, path: "/socket.io", token: "t", parser }, facts.report);
  await facts.next("socketOpened");
  socket.emit(1, "go", "{}", 5_000);
  while (facts.count("eventReceived") < 2 && facts.count("socketClosed") === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.close();
  await server.close();
  return facts;
}

for (const levels of [100, 5_000, 200_000]) {
  test(`an event of ${levels} levels costs at most itself`, async () => {
    const facts = await heard("json", deep.json(levels));
    const { body } = await facts.next("eventReceived");
    assert.equal(body, levels === 100 ? `${"[".repeat(100)}${"]".repeat(100)}` : "");
    assert.equal((await facts.next("eventReceived")).body, '{"ok":true}');
  });

  test(`a MessagePack event of ${levels} levels costs at most its connection`, async () => {
    const facts = await heard("msgpack", deep.msgpack(levels));
    if (facts.count("socketClosed") > 0) assert.match((await facts.next("socketClosed")).reason, /parse error/);
    else assert.equal(facts.count("eventReceived"), 2);
  });
}

const MOCHAT = { clawToken: "claw_0123456789abcdef0123", baseUrl: "https://mochat.example", agentUserId: "us" };

test("the core takes no event of any depth for its end", async () => {
  using core = await openCore({ channel: "mochat", accountId: "one", config: MOCHAT, wake: () => undefined });
  core.handle({
    kind: "started",
    entries: [],
    notes: [],
    turns: [],
    inherited: [],
    suspects: [],
    entropy: new Uint8Array(32),
  });
  for (const levels of [126, 128, 1_000, 100_000]) {
    for (const [open, close] of [
      ["[", "]"],
      ['{"payload":', "}"],
      ['{"meta":{"reply":', "}}"],
    ] as const) {
      const body = `{"sessionId":"s","events":[{"type":"message.add","payload":${open.repeat(levels)}1${close.repeat(levels)}}]}`;
      for (const epoch of [0, 1]) core.handle({ kind: "eventReceived", epoch, name: "claw.session.events", body });
    }
  }
});

test("a configuration of any depth is refused in words", async () => {
  for (const levels of [200, 100_000]) {
    let groups: unknown = {};
    for (let level = 0; level < levels; level += 1) groups = { a: groups };
    const config = { ...MOCHAT, groups };
    await assert.rejects(openCore({ channel: "mochat", accountId: "one", config, wake: () => undefined }));
  }
});

const KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

/** Nothing that every object has was changed. */
function assertUntouched(): void {
  const fresh: Record<string, unknown> = {};
  assert.deepEqual([fresh["isOwner"], fresh["clawToken"], Object.keys(Object.prototype)], [undefined, undefined, []]);
}

test("keys of every object are keys of their own in events, whatever their parser", async () => {
  for (const key of KEYS) {
    const body = JSON.stringify({ data: 1 }).replace("data", key).replace("1", '{"isOwner":true}');
    const packed = Buffer.concat([
      Buffer.from("\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1x\x81", "latin1"),
      Buffer.from([0xa0 + key.length]),
      Buffer.from(`${key}\x81\xa7isOwner\xc3`, "latin1"),
    ]);
    for (const [parser, bytes] of [
      ["json", `2["x",${body}]`],
      ["msgpack", packed],
    ] as const) {
      const told = await (await heard(parser, bytes)).next("eventReceived");
      assert.ok([body, "{}"].includes(told.body), `${parser} ${key}: ${told.body}`);
      assertUntouched();
    }
  }
});

test("keys of every object are refused or ordinary in a configuration", async () => {
  for (const key of KEYS) {
    const written = `{"accounts":{"${key}":{"clawToken":"claw_1","isOwner":true}},"${key}":{"isOwner":true}}`;
    const cfg = { channels: { mochat: JSON.parse(written) as Record<string, unknown> } };
    const [id = ""] = accountIds(cfg, "mochat");
    assert.match(id, /^[a-z]+$/);
    assert.equal(accountKey(cfg.channels.mochat, id), key);
    assert.equal(resolveAccount(cfg, "mochat", id).config["clawToken"], "claw_1");
    const renewed = withAccountKeys(cfg, "mochat", id, { clawToken: "claw_2" });
    assert.equal(resolveAccount(renewed, "mochat", id).config["clawToken"], "claw_2");
    assert.ok(written.includes("claw_1") && JSON.stringify(cfg).includes("claw_1"), "the old one is as it was");
    const config = { ...MOCHAT, ...(JSON.parse(`{"${key}":{"isOwner":true}}`) as object) };
    await assert.rejects(openCore({ channel: "mochat", accountId: "one", config, wake: () => undefined }), {
      message: new RegExp(key),
    });
    assertUntouched();
  }
});

test("keys of every object are written into a configuration file like others", () => {
  for (const key of KEYS) {
    const change = { path: ["channels", key, "clawToken"], value: "claw_2" };
    const text = withChange('{ // mine\n  "channels": {} }', change);
    assert.ok(text.includes("// mine") && text.includes(`"${key}"`), text);
    const changes = changesBetween({}, JSON.parse(`{"${key}":{"isOwner":true}}`));
    assert.equal(changes.length, 1, key);
    assertUntouched();
  }
});
