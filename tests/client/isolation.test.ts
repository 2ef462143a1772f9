/** Twenty accounts of which one is broken: its neighbors answer everything once and in order, and its own state says why. */

import { leap } from "./clock.ts";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { broken, crowd, type Member } from "../fleet/crowd.ts";
import { FAULTS, slowWay, TRAP, type Fault } from "../fleet/faults.ts";
import type { Report } from "../fleet/messages.ts";
import { open } from "../fleet/open.ts";

const ACCOUNTS = 20;
const EACH = 5;
/** By then every wait of an account is over. */
const MINUTES = 15;
/** Real time. A story that needs more hangs. */
const PATIENCE = 30_000 * 20;
/** The server's own timers are not on the fast clock, the clients' are. */
const PULSE = { pingIntervalMs: 500, pingTimeoutMs: 600_000 };

/** What the state of the broken account says, or its log. */
const SAYS: Record<Fault, RegExp> = {
  "bad token": /rejects the token/,
  trap: /core trapped/,
  "throwing host": /the gateway is broken/,
  "slow server": /in time|no answer|timed? ?out/i,
  "full disk": /disk is full/,
};

for (const fault of FAULTS) {
  test(`${ACCOUNTS - 1} accounts notice nothing of one with a fault: ${fault}`, async () => {
    await using stack = new AsyncDisposableStack();
    const sandbox = stack.use(await startSandbox({ mochat: PULSE }));
    const folder = mkdtempSync(join(tmpdir(), "isolation-"));
    stack.defer(() => rmSync(folder, { recursive: true }));
    const slow = stack.use(await slowWay(sandbox.urls.dmwork));
    const [first, ...neighbors] = crowd(sandbox, folder, ACCOUNTS);
    assert(first);
    const sick = broken(first, fault, slow.url);
    const life = await start(stack, [sick, ...neighbors]);
    await life.until(() => neighbors.every(({ plan }) => life.states.get(plan.accountId) === "ready"));
    if (fault === "trap") await life.until(() => life.states.get(sick.plan.accountId) === "ready");

    for (let n = 1; n <= EACH; n += 1) {
      for (const { plan, say } of [sick, ...neighbors]) say(`${plan.accountId}#${n}`);
      if (fault === "trap") sick.say(TRAP);
    }
    const expected = Array.from({ length: EACH }, (_, index) => index + 1);
    await sandbox.ledger.until(
      () => neighbors.every(({ plan }) => answers(sandbox, plan.accountId).length >= EACH),
      PATIENCE,
    );
    for (const { plan } of neighbors) {
      const asked = expected.map((n) => `re ${plan.accountId}#${n}`);
      assert.deepEqual(answers(sandbox, plan.accountId), asked);
      assert.equal(life.changes.get(plan.accountId), 1, "it kept its connection");
    }
    // Its own waits: for a server that is slow, or a host that can't be asked.
    for (let minute = 1; minute <= MINUTES && !SAYS[fault].test(life.said(sick.plan.accountId)); minute += 1) {
      leap(60);
      await life.settled();
    }
    assert.match(life.said(sick.plan.accountId), SAYS[fault]);
  });
}

/** The answers that a server took for an account, in its order. */
function answers({ ledger }: Sandbox, account: string): string[] {
  const posts = ledger.find({ kind: "http" }).filter(({ name, data }) => /\/send/.test(name) && data["status"] === 200);
  return posts.flatMap(({ data }) => new RegExp(`re ${account}#\\d+`).exec(JSON.stringify(data["request"])) ?? []);
}

/** The accounts, and what they said of themselves. */
async function start(stack: AsyncDisposableStack, members: readonly Member[]) {
  const states = new Map<string, string>();
  /** How often each account became ready. */
  const changes = new Map<string, number>();
  const words = new Map<string, string[]>();
  const watchers = new Set<() => void>();
  const tell = (report: Report) => {
    if (report.kind === "status") {
      const { account, lifecycle, detail } = report;
      if (lifecycle === "ready" && states.get(account) !== "ready")
        changes.set(account, (changes.get(account) ?? 0) + 1);
      states.set(account, lifecycle);
      words.set(account, [...(words.get(account) ?? []), detail]);
    }
    if (report.kind === "logged") words.set(report.account, [...(words.get(report.account) ?? []), report.text]);
    for (const watcher of watchers) watcher();
  };
  for (const { plan } of members) stack.use(await open(plan, tell));
  return {
    states,
    changes,
    said: (account: string) => (words.get(account) ?? []).join("\n"),
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!condition()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    settled: () => new Promise((resolve) => setTimeout(resolve, 1_000)),
  };
}
