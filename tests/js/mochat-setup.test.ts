/** The setup against the sandbox's Mochat server, with a home directory and a configuration of the test's own. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { accountIds, resolveAccount, withAccountKeys } from "../../js/channels/accounts.ts";
import { setUp, type Scene } from "../../js/channels/set-up.ts";
import { renewCredentials } from "../../js/io/credentials.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";

let sandbox: Sandbox;
let cfg: OpenClawConfig;
const kept = { home: process.env["HOME"], token: process.env["MOCHAT_TOKEN"] };

beforeEach(async () => {
  sandbox = await startSandbox();
  cfg = {};
  process.env["HOME"] = mkdtempSync(join(tmpdir(), "mochat-setup-"));
  delete process.env["MOCHAT_TOKEN"];
});

afterEach(async () => {
  await sandbox.close();
  rmSync(home(), { recursive: true });
  restore("HOME", kept.home);
  restore("MOCHAT_TOKEN", kept.token);
});

function restore(name: string, value: string | undefined) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function home(): string {
  return process.env["HOME"] ?? "";
}

function file(name = "credentials.json"): string {
  return join(home(), ".config/mochat", name);
}

function run(wishes: Scene["wishes"], more: Partial<Scene> = {}) {
  const accountId = more.accountId ?? "default";
  return setUp({
    channel: "mochat",
    cfg,
    accountId,
    wishes: { baseUrl: sandbox.urls.mochat, ...wishes },
    tell: () => {},
    configure: async ({ keys }) => {
      cfg = withAccountKeys(cfg, "mochat", accountId, keys);
    },
    ...more,
  });
}

const WISHES = { name: "Newcomer", email: "carol@people.dev" };

test("a new agent has an owner, an invite, private credentials and a configuration", async () => {
  const report = await run(WISHES);
  assert.equal(report.error, null);
  const { mochat } = sandbox;
  const agent = mochat.directory.agents().find(({ nickname }) => nickname === "Newcomer");
  assert.ok(agent);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  const credentials = JSON.parse(readFileSync(file(), "utf8"));
  assert.deepEqual(Object.keys(credentials).toSorted(), [
    "agentName",
    "baseUrl",
    "botUserId",
    "groupId",
    "registeredAt",
    "token",
    "workspaceId",
  ]);
  assert.equal(credentials.token, agent.token);
  const { config } = resolveAccount(cfg, "mochat", "default");
  assert.deepEqual(config, {
    clawToken: agent.token,
    agentUserId: agent.userId,
    baseUrl: sandbox.urls.mochat,
    allowFrom: [agent.ownerId],
  });
  assert.equal(agent.ownerId, report.ownerUserId);
  const code = report.invite?.split("/invite/")[1] ?? "";
  assert.equal(mochat.directory.invites.get(code), agent.groupId);
  assert.ok(!JSON.stringify(report).includes(agent.token), "no token in what is printed");
});

test("a second run calls nothing that changes and writes nothing", async () => {
  await run(WISHES);
  const [before, since] = [readFileSync(file(), "utf8"), sandbox.ledger.last];
  const report = await run({}, { configure: () => Promise.reject(new Error("nothing to write")) });
  assert.deepEqual([report.ok, report.done], [true, []]);
  assert.equal(readFileSync(file(), "utf8"), before);
  const calls = sandbox.ledger.find({ server: "mochat", kind: "http" }, since).map(({ name }) => name);
  assert.deepEqual(calls, ["POST /api/claw/agents/owner", "POST /api/claw/sessions/list"]);
});

test("each account has an agent and credentials of its own", async () => {
  await run(WISHES);
  const report = await run({ name: "Scout", email: "carol@people.dev" }, { accountId: "scout" });
  assert.equal(report.error, null);
  assert.deepEqual(accountIds(cfg, "mochat"), ["default", "scout"]);
  assert.ok(existsSync(file("credentials-scout.json")));
  const [one, other] = ["default", "scout"].map((id) => resolveAccount(cfg, "mochat", id).config);
  assert.notEqual(one?.["clawToken"], other?.["clawToken"]);
  assert.equal(other?.["agentUserId"], report.agentUserId);
});

test("the account beside `accounts` stays one when another joins it", async () => {
  const { claw } = sandbox.world.mochat.agents;
  cfg = { channels: { mochat: { clawToken: claw.token, agentUserId: claw.userId, baseUrl: sandbox.urls.mochat } } };
  const report = await run(WISHES, { accountId: "scout" });
  assert.equal(report.error, null);
  assert.deepEqual(accountIds(cfg, "mochat"), ["default", "scout"]);
  assert.equal(resolveAccount(cfg, "mochat", "default").config["agentUserId"], claw.userId);
});

test("the agent of MOCHAT_TOKEN is configured by a reference", async () => {
  const { claw } = sandbox.world.mochat.agents;
  process.env["MOCHAT_TOKEN"] = claw.token;
  const report = await run({ email: "ann@people.dev" });
  // The sandbox's agent has an owner from the start.
  assert.match(report.error ?? "", /belongs to ann@example\.com/);
  assert.deepEqual((await run({})).error, null);
  const { config } = resolveAccount(cfg, "mochat", "default");
  assert.deepEqual(config["clawToken"], { source: "env", provider: "default", id: "MOCHAT_TOKEN" });
  assert.equal(config["agentUserId"], claw.userId);
  assert.ok(!existsSync(file()));
  assert.deepEqual((await run({})).done, [], "the reference is read on the next run");
});

test("credentials that others could read are closed, and what they held is kept", async () => {
  await run(WISHES);
  cfg = {};
  chmodSync(file(), 0o644);
  const report = await run({});
  assert.equal(report.error, null);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  assert.equal(statSync(`${file()}.bak`).mode & 0o777, 0o600);
});

test("a renewed token takes the place of the old one in the agent's own credentials, and in no others", async () => {
  await run(WISHES);
  await run({ name: "Scout", email: "carol@people.dev" }, { accountId: "scout" });
  const read = (name?: string): string => JSON.parse(readFileSync(file(name), "utf8")).token;
  const [old, scouts] = [read(), read("credentials-scout.json")];
  renewCredentials("scout", "claw_nobodys", "claw_unheard");
  renewCredentials("scout", scouts, "claw_renewed");
  assert.deepEqual([read(), read("credentials-scout.json")], [old, "claw_renewed"]);
  assert.equal(statSync(file("credentials-scout.json")).mode & 0o777, 0o600);
});

test("a person is asked, and told what was wrong with the answer", async () => {
  const asked: string[] = [];
  const answers = ["", "Newcomer", "nobody", "carol@people.dev"];
  const report = await run(
    {},
    {
      ask: async ({ message, complaint, secret }) => {
        asked.push(`${secret ? "secret" : "open"}: ${complaint ?? message}`);
        return answers[asked.length - 1] ?? "";
      },
    },
  );
  assert.equal(report.error, null);
  assert.match(asked[0] ?? "", /^secret: Token/);
  assert.match(asked[3] ?? "", /`nobody` is no e-mail address/);
});

test("a server that is away is named, and nothing is left behind", async () => {
  const report = await run({ ...WISHES, baseUrl: "http://127.0.0.1:9" });
  assert.match(report.error ?? "", /Registering the agent failed: .*--base-url/);
  assert.ok(!existsSync(file()));
  assert.deepEqual(cfg, {});
});
