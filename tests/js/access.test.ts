/** Who may speak: the operator's policies and allowlists, as the gateway itself judges them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveStableChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { AccessQuestion } from "../../js/core/protocol.ts";
import { askAccess } from "../../js/host/access.ts";
import type { AccessRules, GatewayAccount } from "../../js/host/account.ts";

/** An account with these rules, whose gateway keeps its pairings in memory. */
class Door {
  readonly sent: string[] = [];
  readonly approved: string[] = [];
  readonly #account: GatewayAccount;

  constructor(rules: Partial<AccessRules>) {
    const asked = new Set<string>();
    const runtime = {
      inbound: { ingress: { resolveStable: resolveStableChannelMessageIngress } },
      commands: { shouldComputeCommandAuthorized: () => false },
      pairing: {
        readAllowFromStore: async () => this.approved,
        upsertPairingRequest: async ({ id }: { id: string }) => {
          const created = !asked.has(id);
          asked.add(id);
          return { code: "CODE", created };
        },
        buildPairingReply: ({ idLine, code }: { idLine: string; code: string }) => `${idLine}: ${code}`,
      },
    };
    const account: unknown = {
      channel: "dmwork",
      accountId: "one",
      cfg: {},
      rules: { dmPolicy: "pairing", allowFrom: [], groupPolicy: "open", groupAllowFrom: [], ...rules },
      runtime,
      log: { warn: (line: string) => this.sent.push(line) },
    };
    this.#account = account as GatewayAccount;
  }

  /** What becomes of somebody's message, in a direct conversation or in the group. */
  async hears(id: string, where: "direct" | "group", isOwner = false): Promise<string> {
    const to = where === "direct" ? `user:${id}` : "group:g1";
    const sender = { id, name: id, isOwner } as AccessQuestion["sender"];
    const question: AccessQuestion = { entry: "1", to, chat: where, sender, text: "hello" };
    const { ruling } = await askAccess(this.#account, question, async (place, text) => {
      this.sent.push(`${place} ${text}`);
    });
    return ruling;
  }
}

test("who is on the list is heard in private, and others are not", async () => {
  const door = new Door({ dmPolicy: "allowlist", allowFrom: ["ann", "user:cy", "dmwork:user:dan"] });
  for (const id of ["ann", "cy", "dan"]) assert.equal(await door.hears(id, "direct"), "allowed", id);
  for (const id of ["bob", "Ann", "user:ann"]) assert.equal(await door.hears(id, "direct"), "denied", id);
  assert.equal(await door.hears("bob", "group"), "allowed", "the group has a policy of its own");
  assert.deepEqual(door.sent, [], "nobody gets a code");
});

test("where private conversations are off, not even the owner has one", async () => {
  const door = new Door({ dmPolicy: "disabled", allowFrom: ["ann", "*"] });
  assert.equal(await door.hears("ann", "direct", true), "denied");
  assert.equal(await door.hears("bob", "direct"), "denied");
});

test("everybody is heard where that is written down", async () => {
  const door = new Door({ dmPolicy: "open", allowFrom: ["*"] });
  assert.equal(await door.hears("bob", "direct"), "allowed");
});

test("a stranger gets a code once and is heard when it is approved; the owner needs none", async () => {
  const door = new Door({ dmPolicy: "pairing" });
  assert.equal(await door.hears("ann", "direct", true), "allowed");
  assert.equal(await door.hears("bob", "direct"), "pairing");
  assert.equal(await door.hears("bob", "direct"), "pairing");
  assert.deepEqual(door.sent, ["user:bob Your dmwork user id: bob (account one): CODE"]);
  door.approved.push("bob");
  assert.equal(await door.hears("bob", "direct"), "allowed");
});

test("in groups only those on their list are heard, whoever is on the private one", async () => {
  const door = new Door({ groupPolicy: "allowlist", groupAllowFrom: ["bob"], allowFrom: ["cy"] });
  assert.equal(await door.hears("bob", "group"), "allowed");
  assert.equal(await door.hears("cy", "group"), "denied");
  assert.equal(await door.hears("ann", "group", true), "allowed", "the platform knows the owner");
  assert.equal(await new Door({ groupPolicy: "disabled", groupAllowFrom: ["*"] }).hears("bob", "group"), "denied");
});
