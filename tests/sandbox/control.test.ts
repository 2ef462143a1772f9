import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { text as readAll } from "node:stream/consumers";
import { startSandbox } from "../../sandbox/index.ts";
import { Ledger } from "../../sandbox/ledger.ts";
import { call } from "./call.ts";
import { WukongClient } from "./wukong-client.ts";

test("the control verbs work over loopback HTTP, and the ledger is read from there", async () => {
  await using sandbox = await startSandbox();
  const { urls, world, dmwork } = sandbox;
  const verb = (name: string, body: object) => call(`${urls.control}/${name}`, {}, body);
  const token = world.dmwork.tokens.helper_bot;
  using client = await WukongClient.connect(dmwork.wsUrl, { uid: "helper_bot", token });

  const group = world.dmwork.groupNo;
  const said = await verb("say", { on: "dmwork", from: "bob", group, text: "hey", mention: ["helper_bot"] });
  assert.match(String(said.json["messageId"]), /^\d{18,19}$/);
  const seen = await verb("wait", { name: "RECV", who: "helper_bot", contains: "hey" });
  assert.equal(seen.json["kind"], "sent");
  await verb("raw", { who: "helper_bot", hex: "80" });
  await client.next("PONG");
  await verb("fail", { on: "dmwork", status: 500, match: "heartbeat" });
  const heartbeat = () => call(`${urls.dmwork}/v1/bot/heartbeat`, { authorization: `Bearer ${token}` });
  assert.deepEqual([(await heartbeat()).status, (await heartbeat()).status], [500, 200]);
  assert.equal((await verb("drop", { on: "dmwork", who: "helper_bot" })).json["count"], 1);
  await client.closed();
  await verb("say", { on: "mochat", from: "ann", panel: world.mochat.panels.build, text: "x", mentions: ["claw"] });

  const mark = Number(seen.json["n"]);
  const { text } = await call(`${urls.control}/ledger?since=${mark}`, {}, undefined, "GET");
  assert.match(text, /"name":"drop"/);
  assert.doesNotMatch(text, new RegExp(token), "no credential is in the ledger");
  assert.equal((await verb("nonsense", {})).status, 404);
  assert.equal((await verb("kick", { on: "elsewhere" })).status, 400);
  assert.equal((await verb("say", { on: "dmwork", from: "bob", dm: "ghost", text: "?" })).status, 400);
});

test("a wait resolves with the entry that is there or comes, and says what it saw when its time is over", async () => {
  const ledger = new Ledger();
  const first = ledger.record("model", "http", "", "one");
  assert.equal(await ledger.waitFor({ name: "one" }), first);
  const second = ledger.waitFor({ kind: "http", contains: "42" }, { since: first?.n, count: 2 });
  ledger.record("model", "http", "", "two", { id: 42n });
  const last = ledger.record("model", "http", "", "three", { id: "42", token: "secret-token" });
  assert.equal(await second, last);
  assert.deepEqual(last?.data, { id: "42", token: "…oken" });
  await assert.rejects(ledger.waitFor({ name: "never" }, { deadlineMs: 1 }), /not seen in 1 ms: .*never[^]*three/);
});

test("a ledger that keeps only a part counts the rest", async () => {
  const ledger = new Ledger();
  ledger.keep = (_kind, name) => name !== "RECV";
  const seen: string[] = [];
  ledger.watch(({ name }) => seen.push(name));
  for (const name of ["RECV", "PONG", "RECV"]) ledger.record("dmwork", "sent", "bot", name);
  assert.deepEqual([seen, ledger.entries().map(({ n }) => n)], [["PONG"], [2]]);
  assert.deepEqual([ledger.count("sent", "RECV"), ledger.count("received", "RECV")], [2, 0]);
});

test("two sandboxes live side by side, and closing one leaves nothing listening", async () => {
  const one = await startSandbox();
  await using two = await startSandbox();
  assert.notEqual(one.urls.dmwork, two.urls.dmwork);
  const pending = call(
    `${one.urls.mochat}/api/claw/sessions/watch`,
    { "x-claw-token": one.world.mochat.agents.claw.token },
    {
      sessionId: one.world.mochat.ownerSession,
    },
  ).catch(() => "closed");
  await one.close();
  assert.ok(await pending);
  for (const url of Object.values(one.urls)) await assert.rejects(fetch(url));
  assert.equal((await fetch(two.urls.dmwork)).status, 404);
});

test("run alone, it prints where everything is and ends on an interrupt", async () => {
  const entry = new URL("../../sandbox/index.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [entry], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "readable");
  child.kill("SIGINT");
  const [printed, [code]] = await Promise.all([readAll(child.stdout), once(child, "exit")]);
  assert.match(printed, /"control": "http:\/\/127\.0\.0\.1:\d+\/control"/);
  assert.equal(code, 0);
});
