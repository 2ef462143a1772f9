/** Every way to lose a connection: the client comes back by itself, as the same device, one connection at a time. */

import { leap } from "./clock.ts";
import { NAME, resolves } from "./names.ts";
import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import type { Client } from "./client.ts";

/** The longest wait after the first kicks of a row. */
const TEN_MINUTES = 600;

const logins = { kind: "connect", name: "connect", who: BOT } as const;

type Ending = { name: string; end: (client: Client) => void | Promise<void>; wait?: number; says: RegExp };

const endings: Ending[] = [
  {
    name: "a kick",
    end: ({ control }) => void control.kick({ on: "dmwork", who: BOT }),
    wait: TEN_MINUTES,
    says: /another instance/,
  },
  {
    name: "a clean close",
    end: ({ control }) => void control.end("close", BOT),
    says: /closed by the server \(1000\)/,
  },
  { name: "a close without a word", end: ({ control }) => void control.drop({ on: "dmwork", who: BOT }), says: /1006/ },
  { name: "a TCP reset", end: ({ control }) => void control.end("reset", BOT), says: /ECONNRESET|1006/ },
  { name: "an end in the middle of a packet", end: sever, says: /1006/ },
  { name: "a half-open connection", end: halfOpen, says: /stopped answering/ },
  { name: "muted pongs", end: mute, says: /stopped answering/ },
];

for (const { name, end, wait, says } of endings) {
  story(`${name} is survived`, async (client) => {
    await client.ready();
    await client.worksWith("before");
    const mark = client.ledger.last;
    await end(client);
    await client.lost();
    assert.match(client.host.statuses.map(({ detail }) => detail).join("; "), says);
    client.control.mutePongs(BOT, false);
    await client.back(wait);
    await client.worksWith("after");
    assert.equal(client.ledger.find(logins, mark).length, 1);
  });
}

async function sever({ control, sandbox }: Client): Promise<void> {
  control.end("sever", BOT);
  // Something that is not missed: an EVENT is neither stored nor acknowledged.
  control.event(BOT, "stream.delta", { text: "x".repeat(1_000) });
  await sandbox.ledger.waitFor({ name: "EVENT" });
}

async function halfOpen(client: Client): Promise<void> {
  client.control.halfOpen({ on: "dmwork", who: BOT });
  await client.givenUp();
}

async function mute(client: Client): Promise<void> {
  client.control.mutePongs(BOT);
  leap(30);
  await client.entry({ kind: "received", name: "PING" });
  leap(15);
}

story(
  "the server's idle close is survived",
  async (client) => {
    await client.ready();
    await client.lost();
    await client.back();
    await client.worksWith("after");
  },
  { dmwork: { timing: { idleMs: 20_000 } } },
);

story("pings keep an otherwise silent connection", async (client) => {
  await client.ready();
  for (let count = 1; count <= 4; count += 1) {
    const { alives } = client.host;
    leap(30);
    await client.until(() => client.host.alives > alives);
  }
  assert.equal(client.ledger.find({ kind: "sent", name: "PONG" }).length, 4);
  await client.worksWith("still there");
  assert.equal(client.ledger.find(logins).length, 1);
});

story("a machine that slept asks whether the connection lives, and keeps it if it does", async (client) => {
  await client.ready();
  leap(120);
  await client.entry({ kind: "sent", name: "PONG" });
  await client.worksWith("awake");
  assert.equal(client.ledger.find(logins).length, 1);
});

story("a server that is down for an hour is found again", async (client) => {
  const { control } = client;
  await client.ready();
  await control.cut("dmwork");
  await client.lost();
  for (let minutes = 0; minutes < 60; minutes += 5) {
    const tried = client.host.lines.length;
    leap(300);
    await client.until(() => client.host.lines.length > tried);
  }
  assert.match(client.host.status?.detail ?? "", /ECONNREFUSED/);
  await control.restore("dmwork");
  await client.back(60);
  await client.worksWith("after");
});

story(
  "a server that is not there yet is found when it comes",
  async (client) => {
    await client.until(() => client.host.lines.filter((line) => line.includes("ECONNREFUSED")).length >= 3);
    await client.control.restore("dmwork");
    await client.back();
    await client.worksWith("after");
  },
  { before: ({ control }) => control.cut("dmwork") },
);

story(
  "a name that does not resolve is asked again, at the start and later",
  async (client) => {
    const { host, control } = client;
    await client.until(() => host.lines.filter((line) => line.includes("ENOTFOUND")).length >= 2);
    resolves(true);
    await client.back();
    await client.worksWith("found");
    const said = host.lines.length;
    resolves(false);
    control.drop({ on: "dmwork", who: BOT });
    await client.until(() => host.lines.slice(said).filter((line) => line.includes("ENOTFOUND")).length >= 2);
    resolves(true);
    await client.back();
    await client.worksWith("found again");
  },
  {
    before: () => resolves(false),
    config: ({ dmwork }) => {
      const { port } = new URL(dmwork.url);
      return { apiUrl: `http://${NAME}:${port}`, wsUrl: `ws://${NAME}:${port}/ws` };
    },
  },
);

story(
  "a realtime endpoint that moved is found where register says it is",
  async (client) => {
    const { host, control } = client;
    await client.until(() => host.lines.filter((line) => line.includes("ECONNREFUSED")).length >= 3);
    control.advertise();
    const registers = () => client.ledger.count("http", "POST /v1/bot/register");
    while (registers() === 1) {
      const said = host.lines.length;
      leap(60);
      await client.until(() => registers() > 1 || host.lines.length > said);
    }
    await client.ready();
    await client.worksWith("found");
  },
  // Nobody listens on this port.
  { before: ({ control }) => control.advertise("ws://127.0.0.1:1/ws") },
);

story("three losses in a row", async (client) => {
  for (const text of ["one", "two", "three"]) {
    await client.ready();
    await client.worksWith(text);
    client.control.drop({ on: "dmwork", who: BOT });
    await client.lost();
  }
  // Three in a row look like a second client that takes turns with this one.
  await client.back(TEN_MINUTES);
  await client.worksWith("four");
  assert.deepEqual(client.host.texts(), ["one", "two", "three", "four"]);
});
