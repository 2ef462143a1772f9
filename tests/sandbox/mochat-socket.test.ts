/* oxlint-disable typescript/no-unsafe-type-assertion -- what arrives is asserted field by field */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { io, type Socket } from "socket.io-client";
import msgpackParser from "socket.io-msgpack-parser";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

type Parser = "msgpack" | "json";

function connect(sandbox: Sandbox, parser: Parser, token = sandbox.world.mochat.agents.claw.token): Socket {
  return io(sandbox.urls.mochat, {
    path: "/socket.io",
    transports: ["websocket"],
    auth: { token },
    reconnection: false,
    ...(parser === "msgpack" ? { parser: msgpackParser } : {}),
  });
}

async function happens<T>(socket: Socket, name: string): Promise<T> {
  const [value] = (await once(socket as unknown as NodeJS.EventEmitter, name)) as [T];
  return value;
}

interface Batch {
  sessionId: string;
  cursor: number;
  events: { seq: number; type: string; payload: { content: unknown; author: string; groupId: string | null } }[];
}

for (const parser of ["msgpack", "json"] as const) {
  test(`socket.io-client with the ${parser} parser connects, subscribes and receives events`, async () => {
    await using sandbox = await startSandbox({ mochat: { parser } });
    const { world, control } = sandbox;
    const socket = connect(sandbox, parser);
    await happens(socket, "connect");

    control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text: "before" });
    const request = { sessionIds: [world.mochat.ownerSession], cursors: {}, limit: 100 };
    const ack = (await socket.emitWithAck("com.claw.im.subscribeSessions", request)) as {
      result: boolean;
      data: { sessions: Batch[] };
    };
    assert.equal(ack.result, true);
    assert.deepEqual(
      ack.data.sessions[0]?.events.map(({ seq, type }) => [seq, type]),
      [[1, "message.add"]],
    );

    const event = happens<Batch>(socket, "claw.session.events");
    control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text: "after" });
    const batch = await event;
    assert.equal(batch.sessionId, world.mochat.ownerSession);
    assert.equal(batch.cursor, 2);
    assert.equal(batch.events[0]?.payload.content, "after");
    assert.equal(batch.events[0]?.payload.author, world.mochat.ownerId);

    const panels = (await socket.emitWithAck("com.claw.im.subscribePanels", { panelIds: [] })) as unknown;
    const { build, random } = world.mochat.panels;
    assert.deepEqual(panels, { result: true, data: { panelIds: [build, random], groupId: world.mochat.groupId } });
    const names = ["claw.panel.events", "notify:chat.message.add", "notify:chat.inbox.append"];
    const heard = names.map((name) => happens<object>(socket, name));
    control.say({ on: "mochat", from: "bob", panel: build, text: "look", mentions: ["claw"] });
    const [panelEvent, notified, inbox] = await Promise.all(heard);
    assert.equal((panelEvent as Batch).sessionId, build);
    assert.equal((panelEvent as Batch).events[0]?.payload.groupId, world.mochat.groupId);
    assert.equal((notified as { content: string }).content, `[at=${world.mochat.agents.claw.userId}]claw[/at] look`);
    assert.equal((inbox as { payload: { messagePlainContent: string } }).payload.messagePlainContent, "@claw look");
    socket.close();
  });
}

for (const [server, client] of [
  ["msgpack", "json"],
  ["json", "msgpack"],
] as const) {
  test(`a ${client} client of a ${server} server gets neither connect nor connect_error, only a closed transport`, async () => {
    await using sandbox = await startSandbox({ mochat: { parser: server } });
    const socket = connect(sandbox, client);
    const seen: string[] = [];
    for (const name of ["connect", "connect_error"]) socket.on(name, () => seen.push(name));
    await happens(socket.io as unknown as Socket, "close");
    assert.deepEqual(seen, []);
    socket.close();
  });
}

test("a bad token gives connect_error with the server's words", async () => {
  await using sandbox = await startSandbox();
  const socket = connect(sandbox, "msgpack", "claw_wrong");
  const error = await happens<Error>(socket, "connect_error");
  assert.equal(error.message, "Token invalid");
  socket.close();
});

test("a subscription to a stranger's session and an unknown action are acknowledged as errors", async () => {
  await using sandbox = await startSandbox();
  const { agents, ownerSession } = sandbox.world.mochat;
  const socket = connect(sandbox, "msgpack", agents.scout.token);
  await happens(socket, "connect");
  const refused = (await socket.emitWithAck("com.claw.im.subscribeSessions", {
    sessionIds: [ownerSession],
  })) as unknown;
  assert.deepEqual(refused, { result: false, message: "not a participant of this session" });
  const unknown = (await socket.emitWithAck("com.claw.im.nothing", {})) as { result: boolean };
  assert.equal(unknown.result, false);
  socket.close();
});

test("a recall sends the whole message again and a deletion only its ids", async () => {
  await using sandbox = await startSandbox();
  const { control, world } = sandbox;
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");
  const panel = world.mochat.panels.build;
  const { messageId } = control.say({ on: "mochat", from: "bob", panel, text: "oops" });
  const updated = happens<{ _id: string; hasRecall: boolean; content: string }>(socket, "notify:chat.message.update");
  control.recall({ panel, messageId });
  const { _id, hasRecall, content } = await updated;
  assert.deepEqual({ _id, hasRecall, content }, { _id: messageId, hasRecall: true, content: "oops" });
  const deleted = happens<object>(socket, "notify:chat.message.delete");
  control.remove({ panel, messageId });
  assert.deepEqual(await deleted, { converseId: panel, messageId });
  socket.close();
});

test("a kick is the server's own disconnect, and a drop is a lost transport", async () => {
  await using sandbox = await startSandbox();
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");
  const kicked = happens<string>(socket, "disconnect");
  sandbox.control.kick({ on: "mochat" });
  assert.equal(await kicked, "io server disconnect");
  socket.connect();
  await happens(socket, "connect");
  const dropped = happens<string>(socket, "disconnect");
  sandbox.control.drop({ on: "mochat", who: sandbox.world.mochat.agents.claw.userId });
  assert.equal(await dropped, "transport close");
  socket.close();
});

test("a half-open connection hears nothing, and a cut server is reached again once it is restored", async () => {
  await using sandbox = await startSandbox();
  const { control, world } = sandbox;
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");
  const heard: string[] = [];
  socket.onAny((name: string) => heard.push(name));
  assert.equal(control.halfOpen({ on: "mochat", who: world.mochat.agents.claw.userId }), 1);
  control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text: "into the void" });
  const lost = happens(socket, "disconnect");
  await control.cut("mochat");
  await lost;
  assert.deepEqual(heard, []);
  const refused = happens<Error>(socket, "connect_error");
  socket.connect();
  assert.equal((await refused).message, "websocket error");
  await control.restore("mochat");
  const back = happens(socket, "connect");
  socket.connect();
  await back;
  socket.close();
});

test("a subscription with a cursor is acknowledged with what came after it", async () => {
  await using sandbox = await startSandbox();
  const { ownerSession: session, ownerId } = sandbox.world.mochat;
  for (const text of ["one", "two", "three"]) sandbox.mochat.say({ from: ownerId, session, text });
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");
  const subscribe = async (cursors: object, limit = 100) => {
    const ack = (await socket.emitWithAck("com.claw.im.subscribeSessions", {
      sessionIds: [session],
      cursors,
      limit,
    })) as {
      data: { sessions: Batch[] };
    };
    const [batch] = ack.data.sessions;
    return [batch?.cursor, batch?.events.map((event) => event.payload.content)];
  };
  assert.deepEqual(await subscribe({ [session]: 1 }), [3, ["two", "three"]]);
  assert.deepEqual(await subscribe({ [session]: 3 }), [3, []]);
  assert.deepEqual(await subscribe({}, 2), [2, ["one", "two"]]);
  socket.close();
});

test("a blocked server refuses WebSockets while its RPC works, until it is unblocked", async () => {
  await using sandbox = await startSandbox();
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");
  const dropped = happens<string>(socket, "disconnect");
  sandbox.control.block();
  assert.equal(await dropped, "transport close");
  const refused = happens<Error>(socket, "connect_error");
  socket.connect();
  await refused;
  const headers = { "x-claw-token": sandbox.world.mochat.agents.claw.token };
  assert.equal((await call(`${sandbox.urls.mochat}/api/claw/sessions/list`, headers, {})).status, 200);
  sandbox.control.block(false);
  socket.connect();
  await happens(socket, "connect");
  socket.close();
});

test("a queue that was lost counts anew, and the messages before it are still there", async () => {
  await using sandbox = await startSandbox();
  const { world, control } = sandbox;
  const session = world.mochat.ownerSession;
  for (const text of ["one", "two", "three"]) control.say({ on: "mochat", from: "ann", session, text });
  control.forgetEvents({ session });
  control.say({ on: "mochat", from: "ann", session, text: "four" });
  const headers = { "x-claw-token": world.mochat.agents.claw.token };
  const rpc = (path: string, body: unknown) => call(`${sandbox.urls.mochat}/api/claw/${path}`, headers, body);
  const watched = await rpc("sessions/watch", { sessionId: session, cursor: 3, timeoutMs: 1 });
  assert.match(watched.text, /"cursor":1,"events":\[\]/);
  assert.match((await rpc("sessions/messages", { sessionId: session })).text, /"four".*"three".*"two".*"one"/);
});

test("whoever is concerned hears that panels and sessions changed, and a renewed token ends what the old one opened", async () => {
  await using sandbox = await startSandbox();
  const { agents, bobId } = sandbox.world.mochat;
  const claw = (path: string, body: object) =>
    call(`${sandbox.urls.mochat}/api/claw/${path}`, { "x-claw-token": agents.claw.token }, body);
  const socket = connect(sandbox, "msgpack");
  await happens(socket, "connect");

  const updated = happens<{ panels: { name: string }[] }>(socket, "notify:group.updateInfo");
  const created = await claw("groups/panels/create", { name: "wiki", type: 2, meta: { url: "https://x.example" } });
  assert.ok((await updated).panels.some(({ name }) => name === "wiki"));
  const panelId = /"id":"([0-9a-f]{24})","name":"wiki"/.exec(created.text)?.[1] ?? "";
  const modified = await claw("groups/panels/modify", { panelId, name: "docs", meta: { url: "https://y.example" } });
  assert.match(modified.text, /"url":"https:\/\/y\.example"\},"id":"[0-9a-f]{24}","name":"docs"/);
  assert.ok(!(await claw("groups/panels/delete", { panelId })).text.includes(panelId));

  const opened = happens<{ participants: string[] }>(socket, "notify:chat.converse.updateDMConverse");
  await claw("sessions/create", { participants: [{ type: "user", id: bobId }] });
  assert.deepEqual((await opened).participants, [agents.claw.userId, bobId]);

  const ended = happens<string>(socket, "disconnect");
  await claw("agents/rotateToken", { botUserId: agents.claw.userId });
  assert.equal(await ended, "io server disconnect");
});
