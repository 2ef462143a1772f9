/** Which messages are encrypted is told by their keys, not by their flags; what can't be read harms nothing else. */

import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import { setting } from "../../sandbox/wukong/packet.ts";

story(
  "a message with the NoEncrypt bit is read, whether it is plain or encrypted all the same",
  async (client, line) => {
    await client.ready();
    client.dm("open", { setting: setting.noEncrypt });
    client.dm("closed");
    await client.turns(2);
    const keys = client.ledger.find({ kind: "sent", name: "RECV" }).map(({ data }) => data["msgKey"] === "");
    assert.deepEqual(keys, [line === "v3", false]);
    assert.deepEqual(client.host.texts(), ["open", "closed"]);
  },
);

story(
  "a server without encryption is understood in both directions",
  async (client) => {
    client.host.answer = ({ text }) => `you said ${text}`;
    await client.ready();
    const connack = await client.entry({ kind: "sent", name: "CONNACK" });
    assert.deepEqual([connack.data["serverKey"], connack.data["salt"]], ["", ""]);
    await client.worksWith("in the clear");
    await client.entry({ kind: "http", contains: "you said in the clear" });
    await client.entry({ kind: "received", name: "RECVACK" });
  },
  { dmwork: { encryption: false } },
);

for (const what of ["key", "payload"] as const) {
  story(`a message with a damaged ${what} is acknowledged, said once and skipped`, async (client) => {
    const { control, ledger, host } = client;
    await client.ready();
    control.damage(BOT, what, 3);
    for (let count = 1; count <= 3; count += 1) client.dm(`damaged ${count}`);
    await client.worksWith("whole");
    await client.entry({ kind: "received", name: "RECVACK" }, 0, 4);
    assert.equal(host.lines.filter((line) => line.includes("skipped a packet")).length, 1);
    assert.deepEqual(host.texts(), ["whole"]);
    assert.equal(ledger.find({ kind: "connect", name: "connect" }).length, 1, "the connection stays");
  });
}

story("payloads that are no JSON object are acknowledged and skipped", async (client) => {
  await client.ready();
  for (const payload of ["", "no json", "[1]", '"text"', "\xff\xfe", "{"]) {
    client.dm("", { payload: Buffer.from(payload, "latin1") });
  }
  await client.worksWith("readable");
  await client.entry({ kind: "received", name: "RECVACK" }, 0, 7);
  assert.deepEqual(client.host.texts(), ["readable"]);
  assert.equal(client.ledger.find({ kind: "connect", name: "connect" }).length, 1);
});
