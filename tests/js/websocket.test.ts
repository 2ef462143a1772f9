import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { test, type TestContext } from "node:test";
import { WebSocketServer, type WebSocket } from "ws";
import { openWebSocket } from "../../js/io/websocket.ts";
import { Facts } from "./facts.ts";
import { listen } from "./loopback.ts";

async function serve(t: TestContext): Promise<{ server: WebSocketServer; url: string }> {
  const http = createHttpServer();
  const server = new WebSocketServer({ server: http });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    http.close();
  });
  return { server, url: `ws://127.0.0.1:${await listen(http)}` };
}

async function connected(server: WebSocketServer): Promise<WebSocket> {
  return (await once(server, "connection"))[0];
}

test("bytes travel unchanged in both directions as single binary messages", async (t) => {
  const { server, url } = await serve(t);
  const facts = new Facts();
  const accepted = connected(server);
  const socket = openWebSocket(7, url, facts.report);
  t.after(() => socket.close());
  const opened = await facts.next("socketOpened");
  assert.equal(opened.epoch, 7);
  assert.equal(opened.entropy.length, 32);

  const client = await accepted;
  socket.send(Uint8Array.of(1, 0, 255));
  assert.deepEqual(await once(client, "message"), [Buffer.from([1, 0, 255]), true]);

  client.send(Buffer.from([9, 8]));
  const received = await facts.next("frameReceived");
  assert.deepEqual([received.epoch, ...received.bytes], [7, 9, 8]);
});

test("the end is reported once, with what the server said", async (t) => {
  const { server, url } = await serve(t);
  const facts = new Facts();
  const accepted = connected(server);
  const socket = openWebSocket(1, url, facts.report);
  (await accepted).close(4001, "kicked");
  assert.match((await facts.next("socketClosed")).reason, /4001 kicked/);
  socket.send(Uint8Array.of(1));
  socket.close();
  assert.equal(facts.count("socketClosed"), 1);
});

test("a refused connection names its cause", async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  const facts = new Facts();
  openWebSocket(1, `ws://127.0.0.1:${port}`, facts.report);
  assert.match((await facts.next("socketClosed")).reason, /ECONNREFUSED/);
});

test("an answer that is no WebSocket, and a URL that is none, are closed sockets", async (t) => {
  const server = createServer((peer) => peer.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  t.after(() => server.close());
  const facts = new Facts();
  openWebSocket(1, `ws://127.0.0.1:${await listen(server)}`, facts.report);
  assert.match((await facts.next("socketClosed")).reason, /403/);
  openWebSocket(2, "not a url", facts.report);
  assert.equal((await facts.next("socketClosed")).epoch, 2);
});

test("a message over 4 MiB ends the connection", async (t) => {
  const { server, url } = await serve(t);
  const facts = new Facts();
  const accepted = connected(server);
  openWebSocket(1, url, facts.report);
  (await accepted).send(Buffer.alloc(4 * 1024 * 1024 + 1));
  assert.match((await facts.next("socketClosed")).reason, /WS_ERR_UNSUPPORTED_MESSAGE_LENGTH/);
});

test("a socket that was closed on purpose says nothing more, and the server sees the close", async (t) => {
  const { server, url } = await serve(t);
  const facts = new Facts();
  const accepted = connected(server);
  const socket = openWebSocket(1, url, facts.report);
  const client = await accepted;
  await facts.next("socketOpened");
  socket.close();
  client.send(Buffer.from([1]));
  await once(client, "close");
  assert.deepEqual(facts.kinds(), ["socketOpened"]);
});
