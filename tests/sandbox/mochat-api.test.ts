import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call, type Answered } from "./call.ts";

function rpc(sandbox: Sandbox, token = sandbox.world.mochat.agents.claw.token) {
  return (path: string, body: unknown = {}): Promise<Answered> =>
    call(`${sandbox.urls.mochat}/api/claw/${path}`, { "x-claw-token": token }, body);
}

test("an agent registers without a token, binds its owner with a greeting, and knows the owner", async () => {
  await using sandbox = await startSandbox();
  const { json } = await rpc(sandbox, "")("agents/selfRegister", { name: "newcomer" });
  assert.equal(json["code"], 200);
  const { text } = await rpc(sandbox, "")("agents/selfRegister", { name: "other" });
  const token = /claw_[0-9a-f]+/.exec(text)?.[0] ?? "";
  assert.match(text, /"workspaceId":"claw_square","groupId":"[0-9a-f]{24}","botUserId":"[0-9a-f]{24}","agentId":null/);
  const other = rpc(sandbox, token);
  assert.deepEqual((await other("agents/owner")).json, { code: 200, data: { owner: null } });
  const bound = await other("agents/bind", { email: "bob@example.com", greeting_msg: "hello" });
  const sessionId = /session_[0-9a-f]+/.exec(bound.text)?.[0] ?? "";
  const { bobId } = sandbox.world.mochat;
  const owner = { userId: bobId, nickname: "bob", email: "bob@example.com" };
  assert.deepEqual((await other("agents/owner")).json, { code: 200, data: { owner } });
  assert.match((await other("sessions/messages", { sessionId })).text, /"content":"hello"/);
});

test("errors are HTTP errors with code, name and message", async () => {
  await using sandbox = await startSandbox();
  const claw = rpc(sandbox);
  const { ownerSession } = sandbox.world.mochat;
  const stranger = rpc(sandbox, sandbox.world.mochat.agents.scout.token);
  const cases: [Promise<Answered>, number, string][] = [
    [rpc(sandbox, "claw_wrong")("sessions/list"), 401, "UnauthorizedError"],
    [stranger("sessions/get", { sessionId: ownerSession }), 403, "NoPermissionError"],
    [claw("sessions/get", { sessionId: "session_0" }), 404, "EntityNotFoundError"],
    [claw("sessions/get", {}), 422, "ValidationError"],
    [claw("nothing/here"), 404, "NotFoundError"],
  ];
  for (const [answer, status, name] of cases) {
    const { json, status: actual } = await answer;
    assert.deepEqual([actual, json["code"], json["name"], typeof json["message"]], [status, status, name, "string"]);
  }
});

test("sessions are created, described, written to, listed and closed", async () => {
  await using sandbox = await startSandbox();
  const claw = rpc(sandbox);
  const { bobId, agents, ownerId, teamSession } = sandbox.world.mochat;
  const created = await claw("sessions/create", { participants: [{ type: "user", email: "bob@example.com" }] });
  const sessionId = /session_[0-9a-f]+/.exec(created.text)?.[0] ?? "";
  assert.match(
    created.text,
    new RegExp(`"participants":\\["${agents.claw.userId}","${bobId}"\\],"visibility":"private"`),
  );
  const sent = await claw("sessions/send", { sessionId, content: "hi bob" });
  assert.match(sent.text, /"messageId":"[0-9a-f]{24}","content":"hi bob","author":"[0-9a-f]{24}","authorInfo":\{/);
  const detail = await claw("sessions/detail", { sessionId: teamSession });
  for (const id of [ownerId, bobId, agents.claw.userId]) assert.ok(detail.text.includes(id));
  assert.match(detail.text, /"type":"agent","online":false/);
  assert.equal([...(await claw("sessions/list")).text.matchAll(/"sessionId"/g)].length, 3);
  await claw("sessions/close", { sessionId });
  assert.equal((await claw("sessions/send", { sessionId, content: "late" })).status, 400);
});

test("watch answers at once with what is new and otherwise waits for it or for its timeout", async () => {
  await using sandbox = await startSandbox();
  const { control, world } = sandbox;
  const { ownerSession: session } = world.mochat;
  const watch = (cursor: number, timeoutMs: number) =>
    rpc(sandbox)("sessions/watch", { sessionId: session, cursor, timeoutMs });
  assert.match((await watch(0, 5)).text, /"cursor":0,"events":\[\]/);
  const pending = watch(0, 20_000);
  control.say({ on: "mochat", from: "ann", session, text: "wake up" });
  assert.match((await pending).text, /"cursor":1,"events":\[\{"seq":1,"type":"message.add".*"wake up"/);
  assert.match((await watch(0, 20_000)).text, /wake up/);
});

test("only the last 200 events of a session can be replayed, and its messages reach further back", async () => {
  await using sandbox = await startSandbox();
  const { ownerSession: session } = sandbox.world.mochat;
  for (let count = 1; count <= 205; count += 1) sandbox.mochat.say({ from: "ann", session, text: `m${count}` });
  const { text } = await rpc(sandbox)("sessions/watch", { sessionId: session, cursor: 1 });
  const seqs = [...text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
  assert.deepEqual([seqs[0], seqs.length, seqs.at(-1)], [6, 200, 205]);
  const page = await rpc(sandbox)("sessions/messages", { sessionId: session, limit: 2 });
  assert.match(page.text, /"m205".*"m204".*"nextCursor":"[0-9a-f]{24}"/);
});

test("groups and panels are described, written to and read newest first", async () => {
  await using sandbox = await startSandbox();
  const claw = rpc(sandbox);
  const { groupId, panels } = sandbox.world.mochat;
  const group = await claw("groups/get");
  assert.ok(group.text.includes(`"_id":"${groupId}"`));
  assert.match(group.text, /"name":"build","type":0/);
  await claw("groups/panels/send", { panelId: panels.build, content: "first" });
  const answer = await claw("groups/panels/send", { panelId: panels.build, content: "second" });
  assert.ok(answer.text.includes(`"groupId":"${groupId}","panelId":"${panels.build}","message":{`));
  const page = await claw("groups/panels/messages", { panelId: panels.build });
  assert.match(page.text, /"second".*"first".*"nextCursor":null/);
  assert.equal((await claw("groups/panels/send", { panelId: panels.folder, content: "x" })).status, 400);
  assert.match((await claw("groups/panels/create", { name: "topics", type: 2 })).text, /"name":"topics","type":2/);
  const { text } = await claw("users/resolve", { userIds: [sandbox.world.mochat.ownerId, "unknown"] });
  assert.match(text, /"nickname":"ann","email":"ann@example.com","avatar":null,"type":"user"\}\]/);
});

test("the request limit is off by default and answers 429 when it is on", async () => {
  await using sandbox = await startSandbox({ mochat: { requestsPerMinute: 2 } });
  const claw = rpc(sandbox);
  for (const expected of [200, 200, 429]) assert.equal((await claw("sessions/list")).status, expected);
  const other = rpc(sandbox, sandbox.world.mochat.agents.scout.token);
  assert.equal((await other("sessions/list")).status, 200, "every agent has its own budget");
});

test("participants change, an invite lets an agent into a group, and a rotated token replaces the old one", async () => {
  await using sandbox = await startSandbox();
  const { agents, bobId, ownerSession: sessionId, panels, groupId } = sandbox.world.mochat;
  const claw = rpc(sandbox);
  const bob = [{ type: "user", id: bobId }];
  assert.ok((await claw("sessions/addParticipants", { sessionId, participants: bob })).text.includes(bobId));
  assert.ok(!(await claw("sessions/removeParticipants", { sessionId, participants: bob })).text.includes(bobId));

  const newcomer = sandbox.mochat.directory.addAgent("newcomer");
  const other = rpc(sandbox, newcomer.token);
  assert.equal((await other("groups/panels/send", { panelId: panels.build, content: "hi" })).status, 403);
  const code = /"code":"([0-9a-f]+)"/.exec((await claw("groups/createInvite")).text)?.[1];
  assert.ok((await other("groups/joinByInvite", { code })).text.includes(groupId));
  assert.equal((await other("groups/panels/send", { panelId: panels.build, content: "hi" })).status, 200);

  const rotated = await claw("agents/rotateToken", { botUserId: agents.claw.userId });
  const token = /claw_[0-9a-f]+/.exec(rotated.text)?.[0] ?? "";
  assert.equal((await claw("sessions/list")).status, 401);
  assert.equal((await rpc(sandbox, token)("sessions/list")).status, 200);
});
