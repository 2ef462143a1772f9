/** What `openclaw channels status --probe` and `channels capabilities` are told of an account, by the sandbox's servers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAccount } from "../../js/channels/accounts.ts";
import { dmwork } from "../../js/channels/dmwork.ts";
import { mochat } from "../../js/channels/mochat.ts";
import type { ProbeReport } from "../../js/channels/probe.ts";
import type { Channel } from "../../js/core/account.ts";
import type { OpenClawConfig } from "../../js/host/sdk.ts";
import { startSandbox } from "../../sandbox/index.ts";

const PLUGINS = { mochat, dmwork };
const PATIENCE_MS = 10_000;

/** A probe as the gateway makes it, and what the gateway shows of it. */
async function probed(channel: Channel, cfg: OpenClawConfig, faked: Partial<ProbeReport> = {}) {
  const { status } = PLUGINS[channel];
  const account = resolveAccount(cfg, channel, "one");
  const answer: unknown = await status?.probeAccount?.({ account, cfg, timeoutMs: PATIENCE_MS });
  const probe: ProbeReport = { ...Object(answer), ...faked };
  const snapshot = await status?.buildAccountSnapshot?.({ account, cfg, probe });
  assert.ok(snapshot);
  const capabilities = status?.formatCapabilitiesProbe?.({ probe }).map(({ text }) => text) ?? [];
  const issues = status?.collectStatusIssues?.([snapshot]) ?? [];
  return { probe, mode: String(Object(snapshot)["mode"]), capabilities, issues };
}

test("a probe of a bot tells its server, its round trip, its groups, the clocks and the core", async () => {
  await using sandbox = await startSandbox();
  const one = { apiUrl: `${sandbox.urls.dmwork}/`, botToken: sandbox.world.dmwork.tokens.reviewer_bot };
  const { probe, mode, capabilities, issues } = await probed("dmwork", { channels: { dmwork: { accounts: { one } } } });
  assert.deepEqual(
    [probe.ok, probe.connected, probe.server, probe.places],
    [true, false, sandbox.urls.dmwork, "groups: 1"],
  );
  assert.ok(probe.roundTripMs !== undefined && probe.roundTripMs >= 0 && probe.roundTripMs < PATIENCE_MS);
  assert.ok(Math.abs(probe.clockSkewMs ?? PATIENCE_MS) <= 1_000);
  assert.match(probe.core, /^[0-9a-f]{12}$/);
  assert.deepEqual(probe.lacks, []);
  assert.match(mode, /^server http:\S+; round trip \d+ ms; groups: 1; clocks agree; core [0-9a-f]{12}$/);
  assert.equal(capabilities[0], "Probe: ok");
  assert.ok(capabilities.includes("Groups: 1") && capabilities.includes("Clocks agree"), capabilities.join());
  assert.deepEqual(issues, []);
});

test("what a connected core adds is shown in the gateway's places, and steers no terminal", async () => {
  await using sandbox = await startSandbox();
  const one = { baseUrl: sandbox.urls.mochat, clawToken: sandbox.world.mochat.agents.claw.token };
  const cfg = { channels: { mochat: { accounts: { one } } } };
  const found = {
    bot: { username: "Claw (6981)" },
    owner: "ann",
    places: "sessions: 3, panels: 2",
    lacks: ["msgpack"],
  };
  const { mode, capabilities } = await probed("mochat", cfg, { ...found, clockSkewMs: -120_000 });
  assert.match(mode, /^bot Claw \(6981\); owner ann; server .*; sessions: 3, panels: 2; server's clock 120 s behind; /);
  assert.match(mode, /; the server lacks msgpack; core /);
  assert.ok(capabilities.includes("Owner ann"), capabilities.join());
});

test("a refused token is an issue with its key and what to do", async () => {
  await using sandbox = await startSandbox();
  const one = { baseUrl: sandbox.urls.mochat, clawToken: "claw_wrong" };
  const { probe, capabilities, issues } = await probed("mochat", { channels: { mochat: { accounts: { one } } } });
  assert.equal(probe.ok, false);
  assert.match(capabilities[0] ?? "", /^Probe: failed \(.*401/);
  const [issue, ...others] = issues;
  assert.deepEqual(others, []);
  assert.match(issue?.message ?? "", /^channels\.mochat\.accounts\.one\.clawToken: .*401/);
  assert.match(issue?.fix ?? "", /openclaw mochat setup --account one$/);
});
