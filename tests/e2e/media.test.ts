/** Files and doubtful sends in the real gateway: what people show is seen, and what the agent shows arrives once. */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../sandbox/json.ts";
import { PATIENCE, reply, stage, texts, type Stage } from "./support.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Ae/FtwsAAAAASUVORK5CYII=",
  "base64",
);
const CHART = "https://cdn.example.com/chart.png";

let scene: Stage;

before(async () => {
  scene = await stage({
    sandbox: {
      rules: [
        { when: /what is this/, reply: "a red square" },
        { when: /look inside/, reply: "not allowed there" },
        { when: /draw a chart/, reply: `Here it is.\nMEDIA:${CHART}` },
        { when: /save a chart/, reply: "Saved.\nMEDIA:./chart.png" },
        { when: /ping ([a-z0-9-]+)/, reply: (_request, match) => `pong ${match[1]}` },
      ],
    },
  });
});

after(async () => {
  await scene[Symbol.asyncDispose]();
});

test("a picture in a session reaches the model, fetched without the agent's token", async () => {
  const { control, ledger, model, world } = scene.sandbox;
  const since = ledger.last;
  const url = control.upload("红.png", PNG, "image/png");
  const text = `[img height=16 width=16]${url}[/img] what is this?`;
  control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text });
  await control.wait({ ...reply.session, contains: "a red square" }, { since, ...PATIENCE });
  const request = model.requests.findLast(({ asked }) => asked.includes("what is this"));
  const images = request?.messages.flatMap((message) => message.images) ?? [];
  assert.equal(images.length, 1);
  assert.match(images[0] ?? "", /^data:image\/png;base64,/);
  assert.match(request?.asked ?? "", /\[image: 红\.png\] what is this\?/);
  const read = ledger.find({ server: "mochat", kind: "http" }, since).find(({ name }) => name.includes("/static/"));
  assert.deepEqual([read?.data["status"], read?.data["credential"]], [200, "none"]);
});

test("a picture at a private address is not fetched, and the agent is told", async () => {
  const { control, ledger, model, storage, world } = scene.sandbox;
  const since = ledger.last;
  const url = storage.put("secret.png", PNG, "image/png");
  control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text: `[img]${url}[/img] look inside` });
  await control.wait({ ...reply.session, contains: "not allowed there" }, { since, ...PATIENCE });
  const request = model.requests.findLast(({ asked }) => asked.includes("look inside"));
  assert.match(request?.asked ?? "", /\[secret\.png could not be fetched: its address is private\]/);
  assert.deepEqual(ledger.find({ server: "storage" }, since), []);
});

test("a picture of the agent's becomes markup, and of a file of its machine people see the name", async () => {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  const session = world.mochat.ownerSession;
  control.say({ on: "mochat", from: "ann", session, text: "draw a chart" });
  const { data } = await control.wait({ ...reply.session, contains: "chart.png" }, { since, ...PATIENCE });
  assert.match(
    (data["request"] as JsonObject)["content"] as string,
    /\[img\]https:\/\/cdn\.example\.com\/chart\.png\[\/img\]/,
  );
  const workspace = join(scene.claw.home, "ws");
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "chart.png"), PNG);
  control.say({ on: "mochat", from: "ann", session, text: "save a chart" });
  await control.wait({ ...reply.session, contains: "Saved." }, { since, ...PATIENCE });
  await control.wait({ ...reply.session, contains: "takes links only" }, { since, ...PATIENCE });
  assert.ok(texts(scene.sandbox, reply.session, since).every((text) => !/\.\/chart|\/workspace/.test(text)));
});

test("an answer that the server took while it said that it failed is there once", async () => {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  const session = world.mochat.ownerSession;
  control.fail("mochat", { match: "sessions/send", status: 502, accepted: true });
  control.say({ on: "mochat", from: "ann", session, text: "ping doubt" });
  const looked = { server: "mochat", kind: "http", name: "POST /api/claw/sessions/messages" } as const;
  await control.wait({ ...looked, contains: "pong doubt" }, { since, ...PATIENCE });
  control.say({ on: "mochat", from: "ann", session, text: "ping after" });
  await control.wait({ ...reply.session, contains: "pong after" }, { since, ...PATIENCE });
  const posts = ledger.find({ ...reply.session, contains: "pong doubt" }, since);
  assert.deepEqual(
    posts.map(({ data }) => data["status"]),
    [502],
  );
});
