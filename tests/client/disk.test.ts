/**
 * A disk that refuses: what comes meanwhile is acknowledged to nobody, and heard once when the disk takes it again. The faults
 * are SQLite's own.
 */

import { leap } from "./clock.ts";
import { damage, opened, PAGE } from "./databases.ts";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { Client } from "./client.ts";
import { MochatClient } from "./mochat.ts";

/** More than what is free in the pages that a store has. */
const MEANWHILE = `meanwhile ${"x".repeat(2 * PAGE)}`;
/** The longest wait between two attempts that these stories meet. */
const A_MINUTE = 60;

type AnyClient = Client | MochatClient;

const platforms: Record<string, () => Promise<AnyClient>> = {
  dmwork: () => Client.open("v2"),
  mochat: () => MochatClient.open(() => undefined),
};

function story(name: string, tell: (client: AnyClient) => Promise<void>): void {
  for (const [platform, open] of Object.entries(platforms)) {
    test(`${name} (${platform})`, async () => {
      const client = await open();
      try {
        await client.until(() => client.host.isReady);
        client.dm("before");
        await heard(client, "before");
        await tell(client);
        assert.deepEqual(client.host.texts(), ["before", MEANWHILE, "after"], "each once, in order");
      } finally {
        await client.close();
      }
    });
  }
}

/** It is a turn now; time that the account waits is let pass. */
async function heard(client: AnyClient, text: string): Promise<void> {
  const isHeard = () => client.host.texts().includes(text);
  for (let round = 0; round < 10 && !isHeard(); round += 1) {
    await Promise.race([client.until(isHeard), pause()]);
    if (!isHeard()) leap(A_MINUTE);
  }
  await client.until(isHeard);
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 10_000));
}

/** Said while the store refuses everything: the status says why, and no turn begins. */
async function meanwhile(client: AnyClient, why: RegExp): Promise<void> {
  client.dm(MEANWHILE);
  await client.until(() => client.host.statuses.some(({ detail }) => why.test(detail)));
  assert.deepEqual(client.host.texts(), ["before"]);
  const acknowledged = client.sandbox.ledger.find({ kind: "received", name: "RECVACK" });
  if (client instanceof Client) assert.equal(acknowledged.length, 1, "only what came before");
}

async function after(client: AnyClient): Promise<void> {
  await heard(client, MEANWHILE);
  client.dm("after");
  await heard(client, "after");
}

story("a full disk loses nothing", async (client) => {
  const store = opened(client.storePath);
  store.exec(`PRAGMA max_page_count = ${String(store.prepare("PRAGMA page_count").get()?.["page_count"])}`);
  await meanwhile(client, /database or disk is full/);
  store.exec("PRAGMA max_page_count = 1073741823");
  await after(client);
});

story("a store that may not be written loses nothing", async (client) => {
  const store = opened(client.storePath);
  store.exec("PRAGMA query_only = ON");
  await meanwhile(client, /readonly/);
  store.exec("PRAGMA query_only = OFF");
  await after(client);
});

story("a store that another process holds loses nothing", async (client) => {
  const script = `
    const { DatabaseSync } = require("node:sqlite");
    const db = new DatabaseSync(process.argv[1], { timeout: 5000 });
    db.exec("BEGIN EXCLUSIVE");
    process.stdout.write("held");
    process.stdin.resume();`;
  const holder = spawn(process.execPath, ["-e", script, client.storePath], { stdio: ["pipe", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  await meanwhile(client, /locked/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await after(client);
});

function setAside(client: AnyClient): string[] {
  return readdirSync(dirname(client.storePath)).filter((name) => name.includes(".corrupt-"));
}

story(
  "a store that is damaged while the account runs is set aside, and what it does not tell is heard again",
  async (client) => {
    damage(client.storePath);
    client.dm(MEANWHILE);
    await assert.rejects(client.drive.broken, /the store is damaged/);
    assert.deepEqual(client.host.texts(), ["before"]);
    // As the gateway does with an account that ends by itself.
    await client.restart();
    assert.ok(setAside(client).length > 0);
    await after(client);
  },
);

story(
  "a store that was damaged while nobody ran is set aside, and how far it was read is not forgotten",
  async (client) => {
    client.stop();
    damage(client.storePath);
    client.dm(MEANWHILE);
    await client.start();
    assert.ok(setAside(client).length > 0);
    await after(client);
  },
);
