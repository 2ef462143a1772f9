/** Connections that come and go. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { openSocketIo } from "../../js/io/socketio.ts";
import { openWebSocket } from "../../js/io/websocket.ts";
import { Facts } from "./facts.ts";
import { listen } from "./loopback.ts";

const CONNECTIONS = 1_000;
/** Of these one in three is closed before it is open, one when it is, and one after its server was lost. */
const ENDS = 3;

type Resources = Record<string, number>;

/** What keeps the process alive or waits in it, by kind. */
function resources(): Resources {
  const counted: Resources = {};
  for (const kind of process.getActiveResourcesInfo()) counted[kind] = (counted[kind] ?? 0) + 1;
  return counted;
}

/** Who listens to the process. */
function listeners(): number[] {
  return process.eventNames().map((name) => process.listenerCount(name));
}

/** Grace periods of closed sockets have passed, and their last bytes. */
async function settled(before: Resources): Promise<Resources> {
  for (let tries = 0; tries < 100; tries += 1) {
    const now = resources();
    if (Object.entries(now).every(([kind, count]) => count <= (before[kind] ?? 0))) return now;
    await wait(50);
  }
  return resources();
}

test("a thousand connections leave no timer, no socket and no listener behind", async () => {
  const [plain, http] = [createServer(), createServer()];
  const frames = new WebSocketServer({ server: plain });
  const events = new Server(http, { serveClient: false });
  const [framePort, eventPort] = [await listen(plain), await listen(http)];
  const [before, heard] = [resources(), listeners()];
  for (let epoch = 1; epoch <= CONNECTIONS; epoch += 1) {
    const facts = new Facts();
    const isFrames = epoch % 2 === 0;
    const url = `http://127.0.0.1:${isFrames ? framePort : eventPort}`;
    const socket = isFrames
      ? openWebSocket(epoch, url.replace("http", "ws"), facts.report)
      : openSocketIo(epoch, { url, path: "/socket.io", token: "t", parser: "json" }, facts.report);
    const end = Math.trunc(epoch / 2) % ENDS;
    if (end > 0) await facts.next("socketOpened");
    if (end === 2) {
      for (const client of frames.clients) client.terminate();
      events.disconnectSockets(true);
      await facts.next("socketClosed");
    }
    socket.close();
  }
  const after = await settled(before);
  for (const [kind, count] of Object.entries(after)) assert.ok(count <= (before[kind] ?? 0), `${count} of ${kind}`);
  assert.deepEqual(listeners(), heard);
  await events.close();
  frames.close();
  plain.close();
  plain.closeAllConnections();
});
