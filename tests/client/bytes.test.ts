/** Bytes as networks deliver them: in any pieces, too many, too few, and wrong. */

import { leap } from "./clock.ts";
import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import type { Client } from "./client.ts";

const logins = { kind: "connect", name: "connect", who: BOT } as const;
const PONG = Buffer.of(0x80);

/** Text in which every place is another. */
function long(length: number): string {
  const words = Array.from({ length: Math.ceil(length / 8) }, (_, index) => `${index}`.padStart(7, "-"));
  return words.join(" ").slice(0, length);
}

for (const [kind, framing] of [
  ["in one WebSocket message", { kind: "packet" }],
  ["split into WebSocket messages of 1,000 bytes", { kind: "split", bytes: 1_000 }],
] as const) {
  // Base64 makes a third more of it: that is a packet of 900 KB, and 1 MiB is the limit.
  story(`a long encrypted text arrives whole, ${kind}`, async (client) => {
    await client.ready();
    client.control.frame(BOT, framing);
    const text = long(680_000);
    client.dm(text);
    await client.turns(1);
    assert.ok(client.host.turns[0]?.text === text);
    await client.entry({ kind: "received", name: "RECVACK" });
  });

  story(
    `a text of 900 KB arrives whole in the clear, ${kind}`,
    async (client) => {
      await client.ready();
      client.control.frame(BOT, framing);
      const text = long(900_000);
      client.dm(text);
      await client.turns(1);
      assert.ok(client.host.turns[0]?.text === text);
    },
    { dmwork: { encryption: false } },
  );
}

story("messages split into single bytes arrive, the handshake too", async (client) => {
  client.control.frame(BOT, { kind: "split", bytes: 1 });
  await client.ready();
  for (const text of ["one", "two 🌏", "three"]) client.dm(text);
  await client.turns(3);
  assert.deepEqual(client.host.texts(), ["one", "two 🌏", "three"]);
  client.control.drop({ on: "dmwork", who: BOT });
  await client.lost();
  await client.back();
  await client.worksWith("four");
});

story("hundreds of messages in one WebSocket message become as many turns, in order", async (client) => {
  await client.ready();
  client.control.frame(BOT, { kind: "coalesce", count: 500 });
  const texts = Array.from({ length: 500 }, (_, index) => `message ${index}`);
  for (const text of texts) client.dm(text);
  await client.turns(500);
  assert.deepEqual(client.host.texts(), texts);
  const acks = { kind: "received", name: "RECVACK" } as const;
  await client.entry(acks, 0, 500);
  assert.equal(new Set(client.ledger.find(acks).map(({ data }) => data["frame"])).size, 1);
});

story("five thousand tiny packets in one WebSocket message are taken", async (client) => {
  await client.ready();
  client.control.sendRaw(BOT, Buffer.alloc(5_000, PONG));
  await client.worksWith("after");
  assert.equal(client.ledger.find(logins).length, 1);
});

for (const [name, hex] of [
  ["a length above the limit", "50ffffff7f"],
  ["a length without an end", "5080808080"],
  ["a stranger's protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n").toString("hex")],
] as const) {
  story(`garbage that breaks the stream ends the connection, not the client: ${name}`, async (client) => {
    await client.ready();
    await client.worksWith("before");
    client.control.sendRaw(BOT, Buffer.from(hex, "hex"));
    await minutesPass(client);
    await client.back();
    await client.worksWith("after");
  });
}

/** Pings are answered meanwhile, until the client sees that nothing it hears makes sense. */
async function minutesPass(client: Client): Promise<void> {
  const { ledger, host } = client;
  for (let halfMinutes = 0; host.isReady && halfMinutes < 8; halfMinutes += 1) {
    const { last } = ledger;
    leap(30);
    await client.until(() => !host.isReady || ledger.find({ name: "PONG" }, last).length > 0);
  }
  await client.lost();
}

story("packets that make no sense are skipped, and none of them loops", async (client) => {
  const { control, host, ledger } = client;
  await client.ready();
  // Unknown types, a RECV that ends early, one with a text that is no UTF-8, a second CONNACK, an empty EVENT.
  for (const hex of ["d000", "e00101", "f0021234", "500100", "5006000001ff0000", "2100", "c000"]) {
    control.sendRaw(BOT, Buffer.from(hex, "hex"));
  }
  await client.worksWith("after");
  const said = host.lines.length;
  await client.worksWith("and later");
  assert.deepEqual(host.lines.slice(said), []);
  assert.equal(ledger.find(logins).length, 1);
});

story("a packet that never ends does not hide that the server is gone", async (client) => {
  await client.ready();
  // Announces a RECV of almost 1 MiB: whatever comes is taken for its body.
  client.control.sendRaw(BOT, Buffer.from("50feff3f", "hex"));
  client.dm("swallowed");
  await minutesPass(client);
  await client.back();
  await client.worksWith("after");
});
