/** The setup of DMWork bots against the sandbox's server, with a configuration of the test's own. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { accountIds, resolveAccount } from "../../js/channels/accounts.ts";
import { withSetUp } from "../../js/channels/bindings.ts";
import { setUp, type Scene } from "../../js/channels/set-up.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";

let sandbox: Sandbox;
let cfg: OpenClawConfig;

beforeEach(async () => {
  sandbox = await startSandbox();
  cfg = {};
});

afterEach(() => sandbox.close());

function run(wishes: Scene["wishes"], more: Partial<Scene> = {}) {
  const accountId = more.accountId ?? "default";
  return setUp({
    channel: "dmwork",
    cfg,
    accountId,
    wishes: { apiUrl: sandbox.urls.dmwork, ...wishes },
    tell: () => {},
    configure: async (changes) => {
      cfg = withSetUp(cfg, "dmwork", accountId, changes);
    },
    ...more,
  });
}

function greetings(from: string) {
  const calls = sandbox.ledger.find({ server: "dmwork", kind: "http", name: "POST /v1/bot/sendMessage" });
  return calls.filter(({ who }) => who === from).map(({ data }) => Object(data["request"]).channel_id);
}

test("a bot's token becomes an account, a binding and a greeting, once", async () => {
  const { reviewer_bot: token } = sandbox.world.dmwork.tokens;
  const wishes = { given: { token }, dms: "owner", agent: "support" };
  const report = await run(wishes);
  assert.deepEqual([report.error, report.agentUserId, report.ownerUserId], [null, "reviewer_bot", "ann"]);
  assert.deepEqual(cfg, {
    channels: {
      dmwork: {
        accounts: {
          default: { botToken: token, apiUrl: sandbox.urls.dmwork, dmPolicy: "allowlist", allowFrom: ["ann"] },
        },
      },
    },
    session: { dmScope: "per-account-channel-peer" },
    bindings: [{ agentId: "support", match: { channel: "dmwork", accountId: "default" } }],
  });
  assert.deepEqual(greetings("reviewer_bot"), ["ann"]);
  const before = structuredClone(cfg);
  assert.deepEqual((await run(wishes)).done, []);
  assert.deepEqual(cfg, before);
  assert.deepEqual(greetings("reviewer_bot"), ["ann"]);
  assert.ok(!JSON.stringify(report).includes(token), "no token in what is printed");
});

test("with the owner's key each account gets a bot of its own", async () => {
  const given = { token: sandbox.world.dmwork.ownerKey };
  assert.equal((await run({ given, bot: "Reviewer" })).error, null);
  const report = await run({ given, name: "Scout", username: "scout" }, { accountId: "scout" });
  assert.equal(report.error, null);
  assert.deepEqual(accountIds(cfg, "dmwork"), ["default", "scout"]);
  const scout = sandbox.dmwork.directory.bots.get("scout_bot");
  assert.equal(resolveAccount(cfg, "dmwork", "Scout").config["botToken"], scout?.token);
  assert.deepEqual(greetings("scout_bot"), ["ann"]);
  const twice = await run({ given, bot: "Reviewer" }, { accountId: "third" });
  assert.match(twice.error ?? "", /is that of account default/);
});

test("a token in the environment is referred to, and the owner's key of the configuration is read", async (t) => {
  const { tokens, ownerKey } = sandbox.world.dmwork;
  process.env["DMWORK_BOT_TOKEN"] = tokens.reviewer_bot;
  t.after(() => delete process.env["DMWORK_BOT_TOKEN"]);
  assert.equal((await run({})).error, null);
  const reference = { source: "env", provider: "default", id: "DMWORK_BOT_TOKEN" };
  assert.deepEqual(resolveAccount(cfg, "dmwork", "default").config["botToken"], reference);
  // A key is the one of the server that stands beside it.
  const section = { apiUrl: sandbox.urls.dmwork, userApiKey: ownerKey };
  cfg = { ...cfg, channels: { dmwork: { ...cfg.channels?.["dmwork"], ...section } } };
  assert.equal((await run({ name: "Scout", username: "scout" }, { accountId: "scout" })).error, null);
  const scout = sandbox.dmwork.directory.bots.get("scout_bot");
  assert.equal(resolveAccount(cfg, "dmwork", "scout").config["botToken"], scout?.token);
});

test("a token that the server does not know is written nowhere", async () => {
  const report = await run({ given: { token: "bf_0123456789abcdef" } });
  assert.match(report.error ?? "", /^The server refuses the token that you gave\./);
  assert.deepEqual(cfg, {});
});
