/** A story is told on both server lines, and whatever happens in it, the client must have behaved. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ledger, LedgerEntry } from "../../sandbox/ledger.ts";
import { BOT, Client, type Options } from "./client.ts";

export const lines = ["v2", "v3"] as const;
export type Line = (typeof lines)[number];

type Tell = (client: Client, line: Line) => Promise<void>;

export function story(name: string, tell: Tell, options: Options = {}, on: readonly Line[] = lines): void {
  for (const line of on) {
    test(`${name} (${line})`, async () => {
      const client = await Client.open(line, options);
      try {
        await tell(client, line);
        assertBehaved(client.ledger);
      } finally {
        await client.close();
      }
    });
  }
}

/** Nothing was sent that a server does not take, one device, one connection at a time. */
export function assertBehaved(ledger: Ledger): void {
  const wrong = ledger.find(({ name }) => name === "violation" || name === "malformed");
  assert.deepEqual(wrong.map(shown), []);
  const logins = ledger.find({ server: "dmwork", kind: "received", name: "CONNECT", who: "" });
  assert.ok(new Set(logins.map(({ data }) => data["deviceId"])).size <= 1, "one device id");
  const open = new Set<unknown>();
  for (const entry of ledger.find({ name: "socket" })) {
    if (entry.kind === "connect") open.add(entry.data["connection"]);
    else open.delete(entry.data["connection"]);
    assert.ok(open.size <= 1, `two connections at once: ${[...open].join(" and ")}\n${history(ledger)}`);
  }
}

function history(ledger: Ledger): string {
  return ledger
    .find(({ kind }) => ["connect", "disconnect", "fault"].includes(kind))
    .map(shown)
    .join("\n");
}

function shown({ n, at, kind, name, data }: LedgerEntry): string {
  return `${n} at ${at} ${kind} ${name} ${JSON.stringify(data).slice(0, 200)}`;
}

export { BOT };
