/** Each rule of the doctor and the status: what it finds, what it says to do, and what it leaves alone. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { resolveAccount } from "../../js/channels/accounts.ts";
import { accountFindings, channelFindings } from "../../js/channels/rules.ts";
import { RULES, type Finding, type Rule } from "../../js/channels/rules/finding.ts";
import type { Channel } from "../../js/core/account.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { whyUnwritable } from "../../js/io/folder.ts";
import { dmworkStores } from "./state.ts";

const ANN = "0123456789abcdef01234567";

/** A sound account of each platform, with more keys. */
function config(channel: Channel, keys: object = {}, more: object = {}): OpenClawConfig {
  const sound = channel === "mochat" ? { clawToken: "claw_1" } : { botToken: "bf_1", apiUrl: "https://im.example" };
  return { channels: { [channel]: { accounts: { one: { ...sound, ...keys } } } }, ...more };
}

function to(match: object, agentId = "ops") {
  return { agentId, match: { channel: "dmwork", ...match } };
}

/** What the rules say of the account `one`, and of its channel. */
async function findings(channel: Channel, cfg: OpenClawConfig): Promise<Finding[]> {
  const account = resolveAccount(cfg, channel, "one");
  return [...(await channelFindings(channel, cfg)), ...(await accountFindings({ channel, cfg, account }))];
}

/** The one finding of a rule; each says a whole sentence and what to do. */
async function only(rule: Rule, channel: Channel, cfg: OpenClawConfig): Promise<Finding> {
  const [finding, ...others] = await findings(channel, cfg);
  assert.ok(finding);
  assert.deepEqual(others, []);
  assert.equal(finding.rule, rule);
  assert.match(finding.message, /\.$/);
  assert.notEqual(finding.fix, "");
  return finding;
}

test("of a sound account nothing is said", async () => {
  for (const channel of ["mochat", "dmwork"] as const) {
    assert.deepEqual(await findings(channel, config(channel)), []);
    const careful = { dmPolicy: "allowlist", allowFrom: [ANN], groupPolicy: "disabled" };
    assert.deepEqual(await findings(channel, config(channel, careful)), []);
    const open = { dmPolicy: "open", allowFrom: ["*"], groupPolicy: "open" };
    assert.deepEqual(await findings(channel, config(channel, open)), []);
  }
});

test("a server on the public network without encryption is named with its encrypted address", async () => {
  const cfg = config("dmwork", { apiUrl: "http://im.example.com:8090/api/" });
  const { key, message, fix, serious } = await only("clear-text", "dmwork", cfg);
  assert.deepEqual([key, serious], ["channels.dmwork.accounts.one.apiUrl", true]);
  assert.match(message, /^http:\/\/im\.example\.com:8090 is on the public network/);
  assert.equal(fix.split(": ")[1], `openclaw config set ${key} https://im.example.com:8090/api`);
  const socket = await only("clear-text", "dmwork", config("dmwork", { wsUrl: "ws://im.example.com:5200" }));
  assert.match(socket.fix, /wss:\/\/im\.example\.com:5200$/);
});

test("a server of this machine or of this network may do without", async () => {
  const hosts = [
    "127.0.0.1:8090",
    "localhost",
    "10.1.2.3",
    "172.20.0.2",
    "192.168.1.5",
    "[::1]",
    "[fd00::1]",
    "im.lan",
    "im",
  ];
  for (const host of hosts) {
    assert.deepEqual(await findings("dmwork", config("dmwork", { apiUrl: `http://${host}` })), [], host);
  }
  for (const host of ["172.32.0.1", "8.8.8.8", "[2001:db8::1]", "10.example.com"]) {
    assert.equal((await findings("dmwork", config("dmwork", { apiUrl: `http://${host}` }))).length, 1, host);
  }
});

test("a setting of the whole channel is named where it stands", async () => {
  const dmwork = { apiUrl: "http://im.example.com", accounts: { One: { botToken: "bf_1" } } };
  const { key } = await only("clear-text", "dmwork", { channels: { dmwork } });
  assert.equal(key, "channels.dmwork.apiUrl");
});

test("an older plugin beside this one is to be switched off", async () => {
  for (const [channel, id] of [
    ["mochat", "mochat"],
    ["dmwork", "openclaw-channel-dmwork"],
  ] as const) {
    const enabled = config(channel, {}, { plugins: { entries: { [id]: { enabled: true } } } });
    const { key, fix, serious } = await only("old-plugin", channel, enabled);
    assert.deepEqual([key, serious], [`plugins.entries.${id}.enabled`, true]);
    assert.match(fix, new RegExp(`openclaw plugins disable ${id}$`));
    for (const plugins of [
      { enabled: false, entries: { [id]: { enabled: true } } },
      { entries: { [id]: { enabled: false } } },
      { entries: { [id]: { enabled: true } }, deny: [id] },
      { entries: { [id]: {} }, allow: ["openclaw-mochat-dmwork"] },
    ]) {
      assert.deepEqual(await findings(channel, config(channel, {}, { plugins })), []);
    }
  }
});

test("an older plugin that is installed runs without being configured", async (t) => {
  const folder = join(dmworkStores(t), "../../../extensions/openclaw-channel-dmwork");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "openclaw.plugin.json"), `{"id":"openclaw-channel-dmwork"}`);
  const { key } = await only("old-plugin", "dmwork", config("dmwork"));
  assert.equal(key, "plugins.entries.openclaw-channel-dmwork.enabled");
});

test("accounts with one token, and two spellings of one account, are named", async () => {
  const accounts = { zero: { botToken: "bf_1" }, one: { botToken: "bf_1", apiUrl: "https://im.example" } };
  const shared = await only("account", "dmwork", { channels: { dmwork: { accounts } } });
  assert.equal(shared.key, "channels.dmwork.accounts.one.botToken");
  assert.match(shared.message, /zero and one have the same one/);
  const twice = { one: { botToken: "bf_1" }, One: { botToken: "bf_2" } };
  const { key, message } = await only("account", "dmwork", { channels: { dmwork: { accounts: twice } } });
  assert.equal(key, "channels.dmwork.accounts");
  assert.match(message, /one and One are the same account/);
});

test("settings that together drop every message are one finding that names them", async () => {
  const off = { dmPolicy: "disabled", groupPolicy: "disabled" };
  const { key, message, fix, serious } = await only("drops-everything", "dmwork", config("dmwork", off));
  assert.deepEqual([key, serious], ["channels.dmwork.accounts.one.dmPolicy", true]);
  assert.equal(message, "dmPolicy and groupPolicy together drop every message.");
  assert.match(fix, /openclaw config set channels\.dmwork\.accounts\.one\.dmPolicy '"pairing"'$/);
  const deaf = await only("drops-everything", "mochat", config("mochat", { sessions: [], panels: [] }));
  assert.match(deaf.message, /^sessions and panels/);
  const half = config("mochat", { sessions: [], groupPolicy: "disabled" });
  assert.match((await only("drops-everything", "mochat", half)).message, /^groupPolicy and sessions/);
  assert.deepEqual(await findings("mochat", config("mochat", { sessions: [] })), [], "panels are still heard");
});

test("a policy that asks a list with nobody on it says who is still heard", async () => {
  const open = await only("nobody-allowed", "dmwork", config("dmwork", { dmPolicy: "open" }));
  assert.match(open.message, /^dmPolicy is "open", but without "\*" here only the bot's owner can write directly/);
  assert.match(open.fix, /openclaw config set channels\.dmwork\.accounts\.one\.allowFrom '\["\*"\]'$/);
  const some = config("dmwork", { dmPolicy: "open", allowFrom: ["ann"] });
  assert.match((await only("nobody-allowed", "dmwork", some)).message, /owner and those it lists/);
  const listed = await only("nobody-allowed", "mochat", config("mochat", { dmPolicy: "allowlist" }));
  assert.equal(listed.key, "channels.mochat.accounts.one.allowFrom");
  const groups = await only("nobody-allowed", "dmwork", config("dmwork", { groupPolicy: "allowlist" }));
  assert.match(groups.message, /nobody is heard in groups/);
  const one = await only("nobody-allowed", "dmwork", config("dmwork", { groups: { g1: { allowFrom: [] } } }));
  assert.equal(one.key, "channels.dmwork.accounts.one.groups.g1.allowFrom");
});

test("a name in an allowlist is told from an id", async () => {
  const names = ["Ann", "ann lee", "@ann", "ann@example.com", "张三"];
  const dmwork = config("dmwork", { dmPolicy: "allowlist", allowFrom: ["sales_ann", ...names] });
  const { key, message } = await only("name-in-allowlist", "dmwork", dmwork);
  assert.equal(key, "channels.dmwork.accounts.one.allowFrom");
  assert.ok(message.startsWith(names.map((name) => JSON.stringify(name)).join(", ")), message);
  const ids = ["ann", "user:bob_2", "dmwork:user:0f3c", "*", "accessGroup:operators", "fileHelper"];
  assert.deepEqual(await findings("dmwork", config("dmwork", { allowFrom: ids })), []);
  const mochat = config("mochat", { groupPolicy: "allowlist", groupAllowFrom: [ANN, `user:${ANN}`, "ann"] });
  const panel = await only("name-in-allowlist", "mochat", mochat);
  assert.equal(panel.key, "channels.mochat.accounts.one.groupAllowFrom");
  assert.match(panel.message, /^"ann" looks like a name/);
  const here = await only("name-in-allowlist", "dmwork", config("dmwork", { groups: { g1: { allowFrom: ["Ann"] } } }));
  assert.equal(here.key, "channels.dmwork.accounts.one.groups.g1.allowFrom");
});

test("with several agents an account needs a binding, and one that can't match is named", async () => {
  const agents = { entries: { main: {}, ops: {} } };
  const bound = (...bindings: object[]) => config("dmwork", {}, { agents, bindings });
  const { key, fix } = await only("binding", "dmwork", bound());
  assert.equal(key, "bindings");
  assert.match(fix, /--bind dmwork:one$/);
  assert.deepEqual(await findings("dmwork", bound(to({ accountId: "ONE" }))), []);
  assert.deepEqual(await findings("dmwork", bound(to({ accountId: "*" }))), []);
  assert.equal(
    (await findings("dmwork", bound(to({})))).length,
    1,
    "the gateway binds the default account alone by that",
  );
  const stray = await only("binding", "dmwork", bound(to({ accountId: "one" }), to({ accountId: "tow" })));
  assert.deepEqual([stray.key, stray.message], ["bindings[1].match.accountId", "there is no dmwork account tow."]);
  const nobody = await only("binding", "dmwork", bound(to({ accountId: "one" }, "opps")));
  assert.deepEqual([nobody.key, nobody.message], ["bindings[0].agentId", "there is no agent opps."]);
  assert.deepEqual(await findings("dmwork", config("dmwork", {}, { agents: { entries: { main: {} } } })), []);
});

test("a session scope that joins people is said once for the channel", async () => {
  const { key, fix } = await only("dm-scope", "mochat", config("mochat", {}, { session: { dmScope: "main" } }));
  assert.equal(key, "session.dmScope");
  assert.match(fix, /openclaw config set session\.dmScope "per-account-channel-peer"$/);
});

test("state that can't be written is named with its folder", async (t) => {
  const folder = dmworkStores(t);
  assert.deepEqual(await findings("dmwork", config("dmwork")), []);
  mkdirSync(dirname(folder), { recursive: true });
  writeFileSync(folder, "somebody's file");
  const { message, serious } = await only("state", "dmwork", config("dmwork"));
  assert.ok(serious);
  assert.ok(message.includes(`${folder} is no folder`), message);
});

test("a folder that is not there yet is as good as the one in which it will be made", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "folder-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(whyUnwritable(join(folder, "a/b/c")), undefined);
  writeFileSync(join(folder, "file"), "");
  assert.match(whyUnwritable(join(folder, "file/under/it")) ?? "", /file is no folder$/);
  assert.match(whyUnwritable(folder, [join(folder, "gone")]) ?? "", /ENOENT/);
});

test("every rule has its row in the documentation, in the same order", () => {
  const page = readFileSync(new URL("../../docs/DOCTOR.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)` /gm)].map(([, rule]) => rule);
  assert.deepEqual(rows, [...RULES]);
});
