import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { Server, type ServerOptions } from "socket.io";
import msgpackParser from "socket.io-msgpack-parser";
import { openSocketIo } from "../../js/io/socketio.ts";
import type { SocketIoParser } from "../../js/core/protocol.ts";
import { Facts } from "./facts.ts";
import { listen } from "./loopback.ts";

async function serve(t: TestContext, parser: SocketIoParser, options: Partial<ServerOptions> = {}) {
  const http = createServer();
  const server = new Server(http, {
    serveClient: false,
    ...(parser === "msgpack" ? { parser: msgpackParser } : {}),
    ...options,
  });
  t.after(() => server.close());
  const url = `http://127.0.0.1:${await listen(http)}`;
  return { http, server, target: { url, path: "/socket.io", token: "claw_secret", parser } };
}

for (const parser of ["msgpack", "json"] as const) {
  test(`events and acknowledgements travel with the ${parser} parser`, async (t) => {
    const { server, target } = await serve(t, parser);
    server.on("connection", (peer) => {
      peer.on("subscribe", (body, acknowledge) => {
        acknowledge({ ok: true, echo: body });
        peer.emit("message", { text: "hi" }, "ignored");
        peer.emit("nothing");
      });
    });
    const facts = new Facts();
    const socket = openSocketIo(3, target, facts.report);
    t.after(() => socket.close());
    assert.equal((await facts.next("socketOpened")).entropy.length, 32);
    socket.emit(1, "subscribe", '{"ids":["a"]}', 5_000);
    const acknowledged = await facts.next("emitAcknowledged");
    assert.deepEqual(
      { ...acknowledged, body: JSON.parse(acknowledged.body ?? "") as unknown },
      {
        kind: "emitAcknowledged",
        epoch: 3,
        emit: 1,
        body: { ok: true, echo: { ids: ["a"] } },
      },
    );
    assert.deepEqual(await facts.next("eventReceived"), {
      kind: "eventReceived",
      epoch: 3,
      name: "message",
      body: '{"text":"hi"}',
    });
    assert.equal((await facts.next("eventReceived")).body, "null");
  });
}

test("an acknowledgement that does not come is reported without a body", async (t) => {
  const { target } = await serve(t, "json");
  const facts = new Facts();
  const socket = openSocketIo(1, target, facts.report);
  t.after(() => socket.close());
  await facts.next("socketOpened");
  socket.emit(5, "ignored", "{}", 20);
  assert.deepEqual(await facts.next("emitAcknowledged"), { kind: "emitAcknowledged", epoch: 1, emit: 5 });
});

test("the token travels in the handshake and never in a URL, and its refusal is the reason", async (t) => {
  const { http, server, target } = await serve(t, "msgpack");
  const urls: (string | undefined)[] = [];
  http.on("upgrade", (request) => urls.push(request.url));
  server.use((peer, next) => {
    assert.deepEqual(peer.handshake.auth, { token: "claw_secret" });
    next(new Error("Unauthorized"));
  });
  const facts = new Facts();
  openSocketIo(1, target, facts.report);
  assert.equal((await facts.next("socketClosed")).reason, "Unauthorized");
  assert.equal(urls.length, 1);
  assert.doesNotMatch(String(urls[0]), /claw_secret/);
});

test("an engine ping is a sign of life", async (t) => {
  const { target } = await serve(t, "json", { pingInterval: 10 });
  const facts = new Facts();
  const socket = openSocketIo(1, target, facts.report);
  t.after(() => socket.close());
  assert.deepEqual(await facts.next("socketHeard"), { kind: "socketHeard", epoch: 1 });
});

test("the end is reported once, and nothing is kept for later", async (t) => {
  const { server, target } = await serve(t, "json");
  server.on("connection", (peer) => peer.disconnect(true));
  const facts = new Facts();
  const socket = openSocketIo(1, target, facts.report);
  await facts.next("socketClosed");
  socket.emit(1, "late", "{}", 10);
  socket.close();
  assert.deepEqual(facts.kinds(), ["socketOpened", "socketClosed"]);
});

test("a server that is not there, and a URL that is none, name their cause", async () => {
  const facts = new Facts();
  const path = "/socket.io";
  openSocketIo(1, { url: "http://127.0.0.1:9", path, token: "", parser: "json" }, facts.report);
  assert.match((await facts.next("socketClosed")).reason, /ECONNREFUSED|bad port/);
  openSocketIo(2, { url: "http://[", path, token: "", parser: "json" }, facts.report);
  assert.equal((await facts.next("socketClosed")).epoch, 2);
});

test("a socket that was closed while it connected says nothing", async (t) => {
  const { target } = await serve(t, "json");
  const facts = new Facts();
  openSocketIo(1, target, facts.report).close();
  const second = openSocketIo(2, target, facts.report);
  t.after(() => second.close());
  await facts.next("socketOpened");
  assert.deepEqual(facts.kinds(), ["socketOpened"]);
});
