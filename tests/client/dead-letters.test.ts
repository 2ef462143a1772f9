/** A message whose turn always throws: its place goes on, and the operator decides what becomes of it. */

import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";
import type { TurnRequest } from "../../js/core/protocol.ts";
import type { TurnReports } from "../../js/drive/host.ts";
import { askForReplay, deadLetters } from "../../js/io/dead-letters.ts";
import type { Client } from "./client.ts";
import { OpenHost } from "./host.ts";

/** The longest pause between two offers, in seconds. */
const PAUSE = 64;
/** A running account looks this often. */
const LOOK = 30;

class PoisonedHost extends OpenHost {
  isCured = false;
  tries = 0;

  override startTurn(turn: TurnRequest, reports: TurnReports): void {
    if (turn.text !== "poison" || this.isCured) return super.startTurn(turn, reports);
    this.tries += 1;
    queueMicrotask(() => {
      reports.ended("the agent's tool threw");
      this.onChange();
    });
  }
}

const options = { host: (opened: ConstructorParameters<typeof OpenHost>[0]) => new PoisonedHost(opened) };

/** Eight tries, and what was said behind it. */
async function failed(client: Client): Promise<PoisonedHost> {
  const { host } = client;
  assert.ok(host instanceof PoisonedHost);
  await client.ready();
  client.dm("poison");
  await client.until(() => host.tries === 1);
  client.dm("behind it");
  client.group("elsewhere", { mention: [BOT] });
  while (host.tries < 8) {
    const { tries } = host;
    await client.leap(PAUSE);
    await client.until(() => host.tries > tries);
  }
  await client.turns(2);
  assert.deepEqual([host.tries, host.texts().toSorted()], [8, ["behind it", "elsewhere"]]);
  return host;
}

story(
  "a poison message is a dead letter after eight tries, and a running account takes up the operator's wish",
  async (client) => {
    const host = await failed(client);
    const [letter, ...others] = deadLetters(client.storePath);
    assert.deepEqual([letter?.sender, letter?.tries, letter?.error], ["ann", 8, "the agent's tool threw"]);
    assert.equal(others.length, 0);
    host.isCured = true;
    assert.equal(askForReplay(client.storePath, "all", Date.now()), 1);
    await client.leap(LOOK);
    await client.turns(3);
    assert.equal(host.texts().at(-1), "poison");
    assert.deepEqual(deadLetters(client.storePath), []);
    await client.worksWith("after");
  },
  options,
);

story(
  "a wish that was made while the gateway was down is taken up at its start",
  async (client) => {
    const host = await failed(client);
    host.isCured = true;
    assert.equal(askForReplay(client.storePath, "all", Date.now()), 1);
    await client.restart();
    await client.turns(3);
    assert.equal(host.texts().at(-1), "poison");
  },
  options,
);
