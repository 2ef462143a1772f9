/** What a bot knows of the group in which it is asked: the server tells when a turn begins. */

import assert from "node:assert/strict";
import type { TurnRequest } from "../../js/core/protocol.ts";
import type { Client } from "./client.ts";
import { BOT, story } from "./story.ts";

/** As the server offers it to the bots that administrate a group; everybody in it is told. */
async function rule({ sandbox }: Client, path: string, content: string): Promise<void> {
  const answer = await fetch(`${sandbox.urls.dmwork}/v1/bot/groups/${path}/md`, {
    method: "PUT",
    headers: { authorization: `Bearer ${sandbox.world.dmwork.tokens[BOT]}`, "content-type": "application/json" },
    body: JSON.stringify({ content }),
  });
  assert.equal(answer.status, 200);
}

async function asked(client: Client, text: string, thread?: string): Promise<TurnRequest> {
  const before = client.host.turns.length;
  client.group(`@Reviewer ${text}`, { mention: [BOT], ...(thread ? { group: undefined, thread } : {}) });
  await client.turns(before + 1);
  const turn = client.host.turns.at(-1);
  assert.equal(turn?.text, text);
  return turn;
}

story("a change of GROUP.md or THREAD.md reaches the next turn, and that of a thread has both", async (client) => {
  const { groupNo, threadId, threadChannel } = client.sandbox.world.dmwork;
  await client.ready();
  assert.equal((await asked(client, "first")).about?.instructions, undefined);
  await rule(client, groupNo, "Answer in verse.");
  await rule(client, `${groupNo}/threads/${threadId}`, "Only about tests.");
  const { about, sender } = await asked(client, "second");
  assert.deepEqual([about?.label, sender.name], ["release crew", "Bob"]);
  assert.match(
    about?.instructions ?? "",
    /^Rules of this group \(GROUP\.md, version 1\), [^]*\n\n> Answer in verse\.$/,
  );
  const inThread = await asked(client, "third", threadChannel);
  assert.match(
    inThread.about?.instructions ?? "",
    /Answer in verse\.[^]*THREAD\.md, version 1\), [^]*\n\n> Only about tests\.$/,
  );
  await rule(client, groupNo, "");
  assert.equal((await asked(client, "fourth")).about?.instructions, undefined);
  assert.equal(client.ledger.count("http", `GET /v1/bot/groups/${groupNo}/members`), 1);
});

story(
  "files of a message are named in it and wait for their turn, those of the server with the token",
  async (client) => {
    await client.ready();
    const { storage } = client.sandbox;
    const outside = storage.put("2.png", Buffer.from("x"), "image/png");
    const content = [
      { type: "text", text: "which one?" },
      { type: "image", url: "file/preview/chat/1.png" },
      { type: "image", url: outside },
    ];
    client.dm("", { payload: { type: 14, plain: "which one?", content } });
    await client.turns(1);
    const { text, downloads } = client.host.turns[0] ?? {};
    assert.equal(text, "which one?\n[image: 1.png]\n[image: 2.png]");
    assert.deepEqual(downloads?.files, [
      { url: `${client.sandbox.urls.dmwork}/v1/bot/file/download/chat/1.png`, name: "1.png", isGuarded: true },
      { url: outside, name: "2.png" },
    ]);
    assert.equal(downloads.authorization, `Bearer ${client.sandbox.world.dmwork.tokens[BOT]}`);
    assert.deepEqual(client.ledger.find({ server: "storage" }), [], "the core itself fetches nothing");
  },
);

story("an answer to a direct message stays in the Space of the question", async (client) => {
  const { directory, office } = client.sandbox.dmwork;
  const bot = directory.bots.get(BOT);
  assert(bot);
  bot.spaceId = "first";
  bot.laterSpaces.add("second");
  client.host.answer = ({ text }) => `you said ${text}`;
  await client.ready();
  const spaces: unknown[] = [];
  for (const space of ["second", "first", "unknown"]) {
    const since = client.ledger.last;
    client.dm("", { payload: { type: 1, content: space, space_id: space } });
    await client.entry({ kind: "http", name: "POST /v1/bot/sendMessage" }, since);
    const [answer] = office.log.page(1, "ann", BOT, { start: 0, end: 0, limit: 1, pullMode: 0 });
    spaces.push(Object(JSON.parse(String(answer?.payload)))["space_id"]);
  }
  assert.deepEqual(spaces, ["second", "first", "first"]);
});
