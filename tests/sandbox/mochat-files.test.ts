import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

test("an uploaded file is read by anybody at the address that messages name", async () => {
  await using sandbox = await startSandbox();
  const { control, ledger, urls } = sandbox;
  const url = control.upload("图 1.png", Buffer.from([1, 2, 3]), "image/png");
  assert.match(url, /^\{BACKEND\}\/static\/files\//);
  const answer = await fetch(url.replace("{BACKEND}", urls.mochat));
  assert.deepEqual(
    [answer.headers.get("content-type"), await answer.bytes()],
    ["image/png", new Uint8Array([1, 2, 3])],
  );
  const { body, status } = await fetch(`${urls.mochat}/static/files/none`, { headers: { "x-claw-token": "claw_1" } });
  await body?.cancel();
  assert.equal(status, 404);
  const read = ledger.find({ server: "mochat", kind: "http" }).filter(({ name }) => name.includes("/static/"));
  const [clean, leaked] = read.map(({ data }) => data["credential"]);
  assert.equal(clean, "none");
  assert.notEqual(leaked, "none", "a token that is sent along shows");
});

test("a silenced agent is told in the server's words, and a failure may hide that a message was taken", async () => {
  await using sandbox = await startSandbox();
  const { control, urls, world } = sandbox;
  const { agents, panels, ownerSession: sessionId } = world.mochat;
  const rpc = (path: string, body: unknown) =>
    call(`${urls.mochat}/api/claw/${path}`, { "x-claw-token": agents.claw.token }, body);
  control.silence(agents.claw.userId);
  const refused = await rpc("groups/panels/send", { panelId: panels.build, content: "hi" });
  assert.deepEqual([refused.status, refused.json["message"]], [500, "您因为被禁言无法发送消息"]);
  control.silence(agents.claw.userId, false);
  assert.equal((await rpc("groups/panels/send", { panelId: panels.build, content: "hi" })).status, 200);

  control.fail("mochat", { match: "sessions/send", status: 502, accepted: true });
  assert.equal((await rpc("sessions/send", { sessionId, content: "taken" })).status, 502);
  assert.match((await rpc("sessions/messages", { sessionId })).text, /"content":"taken"/);
});
