/** Mochat with real sockets and the real core: absence, and a network that lets no WebSocket through. */

import "./clock.ts";
import assert from "node:assert/strict";
import { story, type MochatClient } from "./mochat.ts";

const SOCKET = /^listening to 2 sessions and 2 panels$/;
const HTTP = /no WebSocket gets through/;

/** `s1`, `s2`, … */
function numbered(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${prefix}${from + at}`);
}

function say(client: MochatClient, from: number, to: number): void {
  for (const text of numbered("s", from, to)) client.dm(text);
  for (const text of numbered("p", from, to)) client.panel(text);
}

async function knows(client: MochatClient, last: number): Promise<void> {
  const both = () => client.told("session").length >= last && client.told("panel").length >= last;
  await client.until(both);
  assert.deepEqual(client.told("session"), numbered("s", 1, last));
  assert.deepEqual(client.told("panel"), numbered("p", 1, last));
}

story(
  "what was said during an outage, beyond the server's queue of events, is answered once and in order",
  async (client) => {
    await client.listens(SOCKET);
    say(client, 1, 3);
    await knows(client, 3);
    await client.control.cut("mochat");
    await client.until(() => !client.host.isReady);
    say(client, 4, 260);
    await client.control.restore("mochat");
    client.wait();
    await client.listens(SOCKET);
    await knows(client, 260);
    say(client, 261, 262);
    await knows(client, 262);
  },
);

story("a network that stops letting WebSockets through, and then does again, costs nothing", async (client) => {
  await client.listens(SOCKET);
  say(client, 1, 1);
  await knows(client, 1);
  client.control.block();
  say(client, 2, 2);
  await client.listens(HTTP);
  say(client, 3, 4);
  client.wait();
  await knows(client, 4);
  client.control.block(false);
  client.wait();
  await client.listens(SOCKET);
  say(client, 5, 6);
  await knows(client, 6);
});

story(
  "where no WebSocket has ever got through, messages are answered all the same",
  async (client) => {
    await client.listens(HTTP);
    client.host.answer = ({ text }) => `you said ${text}`;
    say(client, 1, 2);
    client.wait();
    await knows(client, 2);
    await client.sandbox.ledger.waitFor({ kind: "http", contains: "you said s2" });
  },
  ({ control }) => control.block(),
);

story("a queue of events that the server loses during an outage loses no message", async (client) => {
  await client.listens(SOCKET);
  say(client, 1, 5);
  await knows(client, 5);
  await client.control.cut("mochat");
  await client.until(() => !client.host.isReady);
  say(client, 6, 7);
  client.control.forgetEvents({ session: client.sandbox.world.mochat.ownerSession });
  say(client, 8, 8);
  await client.control.restore("mochat");
  client.wait();
  await knows(client, 8);
  say(client, 9, 9);
  await knows(client, 9);
});

story("a queued turn that the gateway drops when it stops is offered again when it is back", async (client) => {
  const { host } = client;
  await client.listens(SOCKET);
  const answers = host.startTurn.bind(host);
  host.startTurn = (turn, reports) => {
    host.turns.push(turn);
    reports.deferred();
    reports.ended();
    reports.adopted();
    reports.settled();
    host.onChange();
  };
  client.dm("dropped");
  await client.until(() => host.turns.length === 1);
  host.startTurn = answers;
  await client.restart();
  await client.until(() => host.turns.length === 2);
  assert.deepEqual(client.told("session"), ["dropped", "dropped"]);
  await client.restart();
  await client.listens(SOCKET);
  client.dm("the next");
  await client.until(() => host.turns.length === 3);
  assert.deepEqual(client.told("session"), ["dropped", "dropped", "the next"]);
});
