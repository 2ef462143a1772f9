/** The main job in the real gateway: people talk on both platforms, four bots answer. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../sandbox/json.ts";
import { PATIENCE, reply, stage, texts, type Stage } from "./support.ts";

let scene: Stage;

before(async () => {
  scene = await stage({
    sandbox: {
      rules: [
        // The context of a group question holds what others asked before; the first rule that fits wins.
        { when: /ping d-both/, reply: "pong d-both" },
        {
          when: /sum up/,
          reply: ({ asked }) => (asked.includes("the lift is broken") ? "the lift is broken" : "nothing"),
        },
        { when: /red[^]*again/, reply: "both heard" },
        { when: /show your key/, reply: "my key is claw_00112233445566778899aabbccddeeff" },
        { when: /long story/, reply: "A paragraph of a long story. ".repeat(300) },
        { when: /ping ([a-z0-9-]+)/, reply: (_request, match) => `pong ${match[1]}` },
      ],
    },
  });
});

after(async () => {
  await scene[Symbol.asyncDispose]();
});

test("a direct message on Mochat is answered in its session, once", async () => {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text: "ping m-dm" });
  const { data } = await control.wait({ ...reply.session, contains: "pong m-dm" }, { since, ...PATIENCE });
  assert.equal((data["request"] as JsonObject)["sessionId"], world.mochat.ownerSession);
  assert.equal(data["status"], 200);
});

test("small talk in a panel is answered together after the quiet time, and a mention at once", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { build, random } = world.mochat.panels;
  const since = ledger.last;
  control.say({ on: "mochat", from: "ann", panel: build, text: "the build is red" });
  control.say({ on: "mochat", from: "bob", panel: build, text: "again" });
  const batch = await control.wait({ ...reply.panel, contains: "both heard" }, { since, ...PATIENCE });
  const said = ledger.find({ server: "mochat", kind: "sent", name: "claw.panel.events", contains: "again" }, since)[0];
  assert.ok(said !== undefined && batch.at - said.at >= 2_000, "the quiet time was kept");
  control.say({ on: "mochat", from: "ann", panel: random, text: "ping m-mention", mentions: ["scout"] });
  const { who } = await control.wait({ ...reply.panel, contains: "pong m-mention" }, { since, ...PATIENCE });
  assert.equal(who, world.mochat.agents.scout.userId);
});

test("DMWork's direct message, group and thread are answered where they were asked", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { groupNo, threadChannel } = world.dmwork;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "sales_ann", dm: "reviewer_bot", text: "ping d-dm" });
  control.say({ on: "dmwork", from: "bob", group: groupNo, text: "@Reviewer ping d-group", mention: ["reviewer_bot"] });
  control.say({
    on: "dmwork",
    from: "ann",
    thread: threadChannel,
    text: "@Helper ping d-thread",
    mention: ["helper_bot"],
  });
  for (const [text, bot, channel, type] of [
    ["pong d-dm", "reviewer_bot", "sales_ann", 1],
    ["pong d-group", "reviewer_bot", groupNo, 2],
    ["pong d-thread", "helper_bot", threadChannel, 5],
  ] as const) {
    const { who, data } = await control.wait({ ...reply.dmwork, contains: text }, { since, ...PATIENCE });
    const request = data["request"] as JsonObject;
    assert.deepEqual([who, request["channel_id"], request["channel_type"]], [bot, channel, type]);
  }
});

test("one person in two Spaces has two conversations, and the agent is told who asks", async () => {
  const { control, ledger, model } = scene.sandbox;
  const since = ledger.last;
  for (const space of ["left", "right"]) {
    const payload = { type: 1, content: `ping space-${space}`, space_id: space };
    control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "", payload });
    await control.wait({ ...reply.dmwork, contains: `pong space-${space}` }, { since, ...PATIENCE });
  }
  const right = model.requests.findLast((request) => request.asked.includes("space-right"));
  const told = JSON.stringify(right?.messages);
  assert.ok(!told.includes("space-left"), "nothing of the other Space");
  assert.match(told, /role[^a-z]*(person|owner)/);
});

test("what nobody asked about in a group is context for the next question, once", async () => {
  const { control, ledger, world, model } = { ...scene.sandbox };
  const { groupNo } = world.dmwork;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "bob", group: groupNo, text: "the lift is broken" });
  control.say({ on: "dmwork", from: "ann", group: groupNo, text: "@Helper sum up", mention: ["helper_bot"] });
  await control.wait({ ...reply.dmwork, who: "helper_bot", contains: "the lift is broken" }, { since, ...PATIENCE });
  const asked = model.requests.findLast((request) => request.asked.includes("sum up"))?.asked ?? "";
  assert.equal(asked.split("sum up").length - 1, 1, "the question stands there once");
});

test("two bots that are called together both answer, each in its own session", async () => {
  const { control, ledger, world, model } = scene.sandbox;
  const since = ledger.last;
  const seen = model.requests.length;
  const mention = ["reviewer_bot", "helper_bot"];
  control.say({
    on: "dmwork",
    from: "ann",
    group: world.dmwork.groupNo,
    text: "@Reviewer @Helper ping d-both",
    mention,
  });
  for (const who of mention)
    await control.wait({ ...reply.dmwork, who, contains: "pong d-both" }, { since, ...PATIENCE });
  const turns = model.requests.slice(seen).filter((request) => request.asked.includes("d-both"));
  assert.equal(turns.length, 2);
  const [first, second] = turns.map(({ messages }) => messages.filter(({ role }) => role === "assistant").map(String));
  assert.notDeepEqual(
    turns[0]?.messages,
    turns[1]?.messages,
    `sessions are apart: ${first?.length} and ${second?.length}`,
  );
});

test("the bot shows that it is typing", () => {
  assert.ok(scene.sandbox.ledger.find({ server: "dmwork", kind: "http", name: "POST /v1/bot/typing" }).length > 0);
});

test("a long answer arrives whole and in order", async () => {
  const { control, ledger } = scene.sandbox;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "bob", dm: "helper_bot", text: "tell me a long story" });
  const whole = "A paragraph of a long story. ".repeat(300).replaceAll(/\s/g, "");
  const filter = { ...reply.dmwork, who: "helper_bot" };
  await ledger.until(
    () => texts(scene.sandbox, filter, since).join("").replaceAll(/\s/g, "").length >= whole.length,
    PATIENCE.deadlineMs,
  );
  assert.equal(texts(scene.sandbox, filter, since).join("").replaceAll(/\s/g, ""), whole);
});

test("a token in an answer never leaves", async () => {
  const { control, ledger } = scene.sandbox;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "bob", dm: "helper_bot", text: "show your key" });
  await control.wait({ ...reply.dmwork, contains: "my key is [redacted]" }, { since, ...PATIENCE });
});

test("broken packets change nothing", async () => {
  const { control, ledger } = scene.sandbox;
  const since = ledger.last;
  for (const hex of ["5003ffffff", "f0020102", "50000000", "7080"])
    control.sendRaw("reviewer_bot", Buffer.from(hex, "hex"));
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", payload: Buffer.from([0xff, 0xfe]) });
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", payload: Buffer.from("[1,2]") });
  control.frame("reviewer_bot", { kind: "split", bytes: 1 });
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "ping d-garbage" });
  await control.wait({ ...reply.dmwork, contains: "pong d-garbage" }, { since, ...PATIENCE });
  control.frame("reviewer_bot", { kind: "packet" });
});

test("everybody was answered once", () => {
  const all = Object.values(reply).flatMap((filter) => texts(scene.sandbox, filter));
  const pongs = all.filter((text) => text.startsWith("pong ") && text !== "pong d-both");
  assert.equal(new Set(pongs).size, pongs.length, pongs.join());
});

test("the status tells of each account since when it is connected, and how its messages stand", async () => {
  const { out } = await scene.claw.cli("channels", "status");
  for (const account of ["claw", "scout", "reviewer", "helper"]) {
    const standing =
      /mode:ready since \S+; reconnects \d+ today and \d+ since the start; waiting 0; dead letters 0; dropped/;
    assert.match(out.split("\n").find((line) => line.includes(account)) ?? "", standing, out);
  }
  const json = await scene.claw.cli("channels", "status", "--json");
  const { channelAccounts }: Statuses = JSON.parse(json.out.slice(json.out.indexOf("{")));
  const helper = channelAccounts["dmwork"]?.find(({ accountId }) => accountId === "helper");
  assert.deepEqual([helper?.waiting, helper?.deadLetters], [{ messages: 0, deferred: 0 }, 0], json.out);
});

test("the host's own tools find nothing to complain about", async () => {
  const [status, inspect, doctor] = await Promise.all([
    scene.claw.cli("channels", "status", "--probe"),
    scene.claw.cli("plugins", "inspect", "openclaw-mochat-dmwork", "--runtime", "--json"),
    scene.claw.cli("plugins", "doctor"),
  ]);
  for (const account of ["claw", "scout", "reviewer", "helper"]) {
    assert.match(status.out, new RegExp(`${account}.*(works|connected)`), status.out);
  }
  const plugin = JSON.parse(inspect.out.slice(inspect.out.indexOf("{"))) as Inspection;
  assert.equal(plugin.plugin?.status ?? plugin.status, "loaded", inspect.out);
  assert.deepEqual(plugin.diagnostics ?? [], [], inspect.out);
  for (const channel of ["mochat", "dmwork"]) assert.match(inspect.out, new RegExp(channel));
  assert.equal(doctor.code, 0, doctor.out);
  assert.doesNotMatch(doctor.out, /openclaw-mochat-dmwork.*(error|warn)/i);
});

type Inspection = { status?: string; plugin?: { status?: string }; diagnostics?: unknown[] };

test("why tells the path of a message, beside the running gateway", async () => {
  const { control, ledger } = scene.sandbox;
  const since = ledger.last;
  const { messageId } = control.say({ on: "dmwork", from: "bob", dm: "helper_bot", text: "ping d-why" });
  await control.wait({ ...reply.dmwork, contains: "pong d-why" }, { since, ...PATIENCE });
  const last = await scene.claw.cli("dmwork", "why", "last");
  assert.equal(last.code, 0, last.out);
  assert.match(last.out, new RegExp(`dmwork account helper, message ${messageId}`));
  const steps = [
    "received in user:bob",
    "committed",
    "judged: answer",
    "offered",
    "taken over",
    "reply sent as message",
  ];
  const found = steps.map((text) => last.out.indexOf(text));
  assert.ok(!found.includes(-1), last.out);
  assert.deepEqual(
    found.toSorted((one, other) => one - other),
    found,
    last.out,
  );
  assert.match(last.out, /Ended as answer \(direct\)/);
  assert.ok(!last.out.includes("ping d-why"), "no text is kept");
  const json = await scene.claw.cli("dmwork", "why", messageId, "--account", "helper", "--json");
  assert.equal(json.code, 0, json.out);
  assert.match(json.out, /"messageIds"/);
  const unknown = await scene.claw.cli("mochat", "why", "no-such-message");
  assert.equal(unknown.code, 1, unknown.out);
  assert.match(unknown.out, /No mochat account \(claw, scout\) knows message no-such-message/);
});

test("a message of the operator's own reaches its place", async () => {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  const target = `thread:${world.dmwork.threadChannel}`;
  const sent = await scene.claw.cli(
    ..."message send --channel dmwork --account helper --json --message operator-says-hi --target".split(" "),
    target,
  );
  assert.equal(sent.code, 0, sent.out);
  await control.wait({ ...reply.dmwork, who: "helper_bot", contains: "operator-says-hi" }, { since, ...PATIENCE });
});

test("no token is in the gateway's output", () => {
  const { world } = scene.sandbox;
  const tokens = [
    ...Object.values(world.dmwork.tokens),
    ...Object.values(world.mochat.agents).map(({ token }) => token),
  ];
  for (const token of tokens) assert.ok(!scene.claw.lines.some((line) => line.includes(token)));
});

type Statuses = { channelAccounts: Record<string, { accountId: string; waiting?: unknown; deadLetters?: number }[]> };
