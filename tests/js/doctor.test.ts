/** What the doctor and the status say about accounts, against the sandbox's server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAccount } from "../../js/channels/accounts.ts";
import { dmwork } from "../../js/channels/dmwork.ts";
import { examine } from "../../js/cli/doctor.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { startSandbox } from "../../sandbox/index.ts";

function configOf(apiUrl: string, accounts: Record<string, object>): OpenClawConfig {
  return { channels: { dmwork: { apiUrl, accounts } } };
}

/** What the status says of the account `one`. */
async function issues(cfg: OpenClawConfig) {
  const snapshot = await dmwork.status?.buildAccountSnapshot?.({ account: resolveAccount(cfg, "dmwork", "one"), cfg });
  assert.ok(snapshot);
  return dmwork.status?.collectStatusIssues?.([snapshot]) ?? [];
}

test("each account is examined by itself, and a secret is read where it is kept", async () => {
  await using sandbox = await startSandbox();
  const { reviewer_bot: token, helper_bot: other } = sandbox.world.dmwork.tokens;
  process.env["DOCTORS_TOKEN"] = other;
  const cfg = configOf(sandbox.urls.dmwork, {
    one: { botToken: token },
    Two: { botToken: token },
    three: { botToken: { source: "env", provider: "default", id: "DOCTORS_TOKEN" } },
    four: { botToken: "bf_wrong" },
    five: { botToken: "bf_off", enabled: false },
  });
  const { ok, accounts } = await examine("dmwork", cfg);
  delete process.env["DOCTORS_TOKEN"];
  assert.equal(ok, false);
  assert.deepEqual(
    accounts.map(({ account, problems }) => [account, problems]),
    [
      ["one", []],
      ["two", ["botToken: accounts one and two have the same one. Give each account its own bot."]],
      ["three", []],
      ["four", ["HTTP 401: invalid bot token"]],
      ["five", ["It is switched off (`enabled`)."]],
    ],
  );
  assert.equal((await examine("dmwork", cfg, "ONE")).ok, true);
  assert.match((await examine("dmwork", {})).advice.join(), /openclaw dmwork setup/);
});

test("a key of an older plugin is an issue of the status and an advice of the doctor, and no failure", async () => {
  await using sandbox = await startSandbox();
  const botToken = sandbox.world.dmwork.tokens.reviewer_bot;
  const one = { botToken, systemPrompt: "Be brief.", pollIntervalMs: 500 };
  const cfg = configOf(sandbox.urls.dmwork, { one });
  const [polls, prompt, ...others] = await issues(cfg);
  assert.deepEqual(others, []);
  assert.match(polls?.message ?? "", /^pollIntervalMs: has no effect\. /);
  assert.match(prompt?.message ?? "", /^systemPrompt: has no effect\. .*groups\."\*"\.systemPrompt/);
  assert.equal(prompt?.fix, "Remove it.");
  const { ok, advice } = await examine("dmwork", cfg);
  assert.equal(ok, true);
  assert.equal(advice.filter((line) => /^one: \w+: has no effect\. .* Remove it\.$/.test(line)).length, 2);
});

test("the owner's key is shown to the server, and its refusal is a problem that does not tell the key", async () => {
  await using sandbox = await startSandbox();
  const { tokens, ownerKey } = sandbox.world.dmwork;
  const wrong = "uk_0123456789abcdef0123456789abcdef";
  const cfg = configOf(sandbox.urls.dmwork, {
    good: { botToken: tokens.reviewer_bot, userApiKey: ownerKey },
    bad: { botToken: tokens.helper_bot, userApiKey: wrong },
  });
  const { accounts } = await examine("dmwork", cfg);
  assert.deepEqual(accounts[0], { account: "good", ok: true, problems: [] });
  assert.match(accounts[1]?.problems.join() ?? "", /^userApiKey: .*401/);
  assert.ok(!JSON.stringify(accounts).includes(wrong));
});

test("a session scope that joins conversations is an issue of the status, with its remedy", async () => {
  const cfg: OpenClawConfig = {
    ...configOf("https://im.example", { one: { botToken: "bf_1" } }),
    session: { dmScope: "main" },
  };
  const [issue] = await issues(cfg);
  assert.match(issue?.message ?? "", /^session\.dmScope is "main": everybody who writes directly shares one session/);
  assert.match(issue?.fix ?? "", /per-account-channel-peer/);
  assert.deepEqual(await issues({ ...cfg, session: {} }), []);
});
