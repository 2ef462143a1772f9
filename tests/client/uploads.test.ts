/** Files that the bot sends, by the ways that servers offer. */

import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import { isRecord } from "../../sandbox/json.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Ae/FtwsAAAAASUVORK5CYII=",
  "base64",
);
const posts = { kind: "http", name: "POST /v1/bot/sendMessage" } as const;

function payloadOf(request: unknown): Record<string, unknown> {
  const payload = isRecord(request) ? request["payload"] : undefined;
  return isRecord(payload) ? payload : {};
}

story("a picture is put into the store without the token and shown with its name and size", async (client) => {
  const { host, ledger, sandbox } = client;
  await client.ready();
  host.files.set("/out/图 😀.png", PNG);
  const access = { localRoots: ["/out"] };
  const sent = await client.drive.send("user:ann", "Here:", { media: ["/out/图 😀.png"] }, access);
  assert.equal(sent.length, 2);
  const [text, image] = ledger.find(posts).map(({ data }) => payloadOf(data["request"]));
  assert.equal(text?.["content"], "Here:");
  const { url, ...rest } = image ?? {};
  assert.deepEqual(rest, { type: 2, width: 16, height: 16, name: "图 😀.png", size: PNG.length });
  const stored = await fetch(String(url));
  assert.deepEqual(Buffer.from(await stored.arrayBuffer()), PNG);
  const puts = ledger.find({ server: "storage", kind: "http" }).filter(({ name }) => name.startsWith("PUT"));
  assert.deepEqual(
    puts.map(({ data }) => [data["status"], data["credential"]]),
    [[200, "none"]],
  );
  const key = decodeURIComponent(new URL(String(url)).pathname.slice(1));
  assert.match(sandbox.storage.get(key)?.contentDisposition ?? "", /%E5%9B%BE%20%F0%9F%98%80\.png/);
});

story(
  "without signed uploads a large file goes through the API, once, and in its place among the texts",
  async (client) => {
    const { host, ledger, sandbox } = client;
    await client.ready();
    sandbox.dmwork.faults.add({ match: "upload/presigned", status: 404, body: "404 page not found", times: 9 });
    host.files.set("/out/log.txt", Buffer.alloc(9 * 1024 * 1024, "line\n"));
    const file = client.drive.send("user:ann", "", { media: ["/out/log.txt"] });
    const after = client.drive.send("user:ann", "that was all");
    await Promise.all([file, after]);
    const [first, second] = ledger.find(posts).map(({ data }) => payloadOf(data["request"]));
    assert.deepEqual([first?.["type"], first?.["name"], first?.["size"]], [8, "log.txt", 9 * 1024 * 1024]);
    assert.equal(second?.["content"], "that was all");
    await client.drive.send("user:ann", "", { media: ["/out/log.txt"] });
    const asked = ledger.find({ kind: "http", name: "GET /v1/bot/upload/presigned" });
    assert.equal(asked.length, 1, "a call that the server lacks is not asked again");
    assert.ok(host.lines.some((line) => line.includes("uploading log.txt: 50 %")));
  },
);

story("an answer that the server took without saying so is there once", async (client) => {
  const { ledger, sandbox } = client;
  await client.ready();
  sandbox.dmwork.faults.add({ match: "sendMessage", drop: "after" });
  const sending = client.drive.send("user:ann", "only once");
  await client.until(() => ledger.find(posts).length === 1);
  await client.leap(3);
  const [id] = await sending;
  assert.deepEqual(ledger.find(posts).length, 1);
  const looks = ledger.find({ kind: "http", name: "POST /v1/bot/messages/sync", contains: "only once" });
  assert.equal(looks.length, 0, "payloads are base64 there");
  assert.match(id ?? "", /^\d{16,}$/);
  await client.worksWith("and now?");
});

story("a revoked friendship is said to the gateway in the server's own words, once", async (client) => {
  const { ledger, sandbox } = client;
  await client.ready();
  sandbox.dmwork.directory.bots.get(BOT)?.friends.clear();
  await assert.rejects(client.drive.send("user:ann", "hello"), /HTTP 400: not a friend of this bot/);
  assert.equal(ledger.find(posts).length, 1);
});
