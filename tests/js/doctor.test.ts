/** What the doctor and the status say about accounts, against the sandbox's server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAccount } from "../../js/channels/accounts.ts";
import { dmwork } from "../../js/channels/dmwork.ts";
import { examine } from "../../js/cli/doctor.ts";
import type { Finding } from "../../js/channels/rules/finding.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { startSandbox } from "../../sandbox/index.ts";

function configOf(apiUrl: string, accounts: Record<string, object>): OpenClawConfig {
  return { channels: { dmwork: { apiUrl, accounts } } };
}

function reference(id: string) {
  return { botToken: { source: "env", provider: "default", id } };
}

function told({ key, message, fix }: Finding): string {
  return `${key}: ${message} ${fix}`;
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
  const { ok, core, accounts } = await examine("dmwork", cfg);
  delete process.env["DOCTORS_TOKEN"];
  assert.equal(ok, false);
  assert.match(core, /^[0-9a-f]{12}$/);
  assert.deepEqual(
    accounts.map(({ account, ok: works, findings }) => [account, works, findings.map(told)]),
    [
      ["one", true, []],
      [
        "two",
        false,
        [
          "channels.dmwork.accounts.Two.botToken: accounts one and two have the same one. Give each account its own bot.",
        ],
      ],
      ["three", true, []],
      [
        "four",
        false,
        [
          "channels.dmwork.accounts.four.botToken: HTTP 401: invalid bot token. " +
            "Ask BotFather for the present token, and take it with: openclaw dmwork setup --account four",
        ],
      ],
      [
        "five",
        true,
        [
          "channels.dmwork.accounts.five.enabled: the account is switched off. " +
            "Switch it on: openclaw config set channels.dmwork.accounts.five.enabled true",
        ],
      ],
    ],
  );
  assert.equal((await examine("dmwork", cfg, "ONE")).ok, true);
  assert.equal((await examine("dmwork", {})).ok, false);
});

test("two references to one token are found out by reading both", async () => {
  await using sandbox = await startSandbox();
  process.env["DOCTORS_FIRST"] = process.env["DOCTORS_SECOND"] = sandbox.world.dmwork.tokens.reviewer_bot;
  const cfg = configOf(sandbox.urls.dmwork, {
    one: reference("DOCTORS_FIRST"),
    two: reference("DOCTORS_SECOND"),
    three: reference("DOCTORS_MISSING"),
  });
  const { accounts } = await examine("dmwork", cfg);
  delete process.env["DOCTORS_FIRST"];
  delete process.env["DOCTORS_SECOND"];
  const [one, two, three] = accounts.map(({ findings }) => findings.map(told).join());
  assert.equal(one, "");
  assert.match(two ?? "", /accounts one and two have the same one/);
  assert.match(three ?? "", /^channels\.dmwork\.accounts\.three\.botToken: the SecretRef can't be read: /);
});

test("a key of an older plugin is an issue of the status and of the doctor, and no failure", async () => {
  await using sandbox = await startSandbox();
  const botToken = sandbox.world.dmwork.tokens.reviewer_bot;
  const one = { botToken, systemPrompt: "Be brief.", pollIntervalMs: 500 };
  const cfg = configOf(sandbox.urls.dmwork, { one });
  const [polls, prompt, ...others] = await issues(cfg);
  assert.deepEqual(others, []);
  assert.match(polls?.message ?? "", /^channels\.dmwork\.accounts\.one\.pollIntervalMs: has no effect\. /);
  assert.match(prompt?.message ?? "", /\.systemPrompt: has no effect\. .*groups\."\*"\.systemPrompt/);
  assert.match(prompt?.fix ?? "", /^Remove it: openclaw config unset channels\.dmwork\.accounts\.one\.systemPrompt$/);
  const { ok, accounts } = await examine("dmwork", cfg);
  assert.equal(ok, true);
  assert.deepEqual(
    accounts[0]?.findings.map(({ rule }) => rule),
    ["retired-key", "retired-key"],
  );
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
  assert.deepEqual(accounts[0]?.findings, []);
  assert.match(accounts[1]?.findings.map(told).join() ?? "", /^channels\.dmwork\.accounts\.bad\.userApiKey: .*401/);
  assert.ok(!JSON.stringify(accounts).includes(wrong));
});

test("a server that is not there, that is another one and that is busy are told apart by what to look at", async () => {
  await using sandbox = await startSandbox();
  const botToken = sandbox.world.dmwork.tokens.reviewer_bot;
  const found = async (apiUrl: string) =>
    (await examine("dmwork", configOf(apiUrl, { one: { botToken } }))).accounts[0];
  const gone = (await found("http://127.0.0.1:9"))?.findings[0];
  assert.deepEqual([gone?.rule, gone?.key, gone?.serious], ["unreachable", "channels.dmwork.apiUrl", true]);
  assert.match(gone?.fix ?? "", /network and the proxy/);
  assert.match((await found(`${sandbox.urls.dmwork}/wrong`))?.findings[0]?.fix ?? "", /address of the server's API/);
  sandbox.dmwork.faults.always = () => ({ status: 503 });
  assert.match((await found(sandbox.urls.dmwork))?.findings[0]?.message ?? "", /^HTTP 503/);
});

test("a setting that the core refuses is named in the core's words, with its remedy", async () => {
  const cfg = {
    channels: { dmwork: { accounts: { one: { botToken: "bf_1" }, two: { apiUrl: "https://im.example" } } } },
  };
  const [one, two] = (await examine("dmwork", cfg)).accounts.map(({ findings }) => findings.map(told).join());
  const missing =
    "channels.dmwork.accounts.one.apiUrl: is missing. Set it to your server, like https://im.example.com.";
  assert.equal(one, missing);
  assert.match(two ?? "", /^channels\.dmwork\.accounts\.two\.botToken: is missing\. Ask BotFather/);
});

test("a page that is no API is not taken for a server that works", async () => {
  await using sandbox = await startSandbox();
  sandbox.dmwork.faults.always = () => ({ status: 200, body: "<html>welcome</html>" });
  const cfg = configOf(sandbox.urls.dmwork, { one: { botToken: sandbox.world.dmwork.tokens.reviewer_bot } });
  const { ok, accounts } = await examine("dmwork", cfg);
  assert.equal(ok, false);
  assert.match(accounts[0]?.findings[0]?.message ?? "", /something else/);
});

test("a machine whose clock is wrong is told so, and one second is nothing", async () => {
  await using sandbox = await startSandbox();
  const cfg = configOf(sandbox.urls.dmwork, { one: { botToken: sandbox.world.dmwork.tokens.reviewer_bot } });
  const level = (await examine("dmwork", cfg)).accounts[0];
  assert.ok(Math.abs(level?.probe?.clockSkewMs ?? 9e9) <= 1_000);
  assert.deepEqual(level?.findings, []);
  sandbox.dmwork.faults.clockAheadMs = 15 * 60_000;
  const { ok, accounts } = await examine("dmwork", cfg);
  assert.equal(ok, true, "it works nevertheless");
  assert.match(accounts[0]?.findings.map(told).join() ?? "", /clock is (?:899|900|901) s behind the server's/);
});

test("a session scope that joins conversations is an issue of the status, with its remedy", async () => {
  const cfg: OpenClawConfig = {
    ...configOf("https://im.example", { one: { botToken: "bf_1" } }),
    session: { dmScope: "main" },
  };
  const [issue] = await issues(cfg);
  assert.match(
    issue?.message ?? "",
    /^session\.dmScope: it is "main": everybody who writes directly shares one session/,
  );
  assert.match(issue?.fix ?? "", /per-account-channel-peer/);
  assert.deepEqual(await issues({ ...cfg, session: {} }), []);
});
