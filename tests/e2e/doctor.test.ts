/** What an operator's own commands show of the channels, in a gateway with careful settings and three mistakes. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { stage, type Stage } from "./support.ts";

const ID = "openclaw-mochat-dmwork";

let scene: Stage;

before(async () => {
  scene = await stage({
    accounts: { reviewer: { pollIntervalMs: 500 }, helper: { dmPolicy: "allowlist", allowFrom: ["Ann Lee"] } },
    // What is open to everybody is the gateway's concern, and no advice of ours.
    edit: (configured) => Object.fromEntries(Object.entries(configured).map(([id, section]) => [id, closed(section)])),
  });
});

after(async () => {
  await scene[Symbol.asyncDispose]();
});

function closed(section: unknown): object {
  const {
    dmPolicy: _policy,
    allowFrom: _list,
    groupPolicy: _groups,
    ...rest
  }: Record<string, unknown> = Object(section);
  return rest;
}

/** Without the frames and line breaks of the gateway's own doctor. */
function unframed(out: string): string {
  return out.replaceAll(/[│├╯╮─]/g, " ").replaceAll(/\s+/g, " ");
}

test("channels status --probe names bot, owner, server, round trip, places, clocks and core, and gives the fixes", async () => {
  const { code, out } = await scene.claw.cli("channels", "status", "--probe");
  assert.equal(code, 0, out);
  const { urls, world } = scene.sandbox;
  const line = (account: string) => out.split("\n").find((one) => one.includes(` ${account}: `)) ?? "";
  const reviewer = line("reviewer");
  for (const fact of ["bot:@Reviewer (reviewer_bot)", `server ${urls.dmwork}`, "groups: 1", "clocks agree"]) {
    assert.ok(reviewer.includes(fact), `${fact}: ${out}`);
  }
  // The name is known once somebody asked for it.
  assert.match(reviewer, /; owner (?:Ann Lee \(ann\)|ann); .*; round trip \d+ ms; .*; core [0-9a-f]{12}, .*, works/);
  const claw = line("claw");
  const { agents, ownerId } = world.mochat;
  for (const fact of [`bot:@claw (${agents.claw.userId})`, `owner ann (${ownerId})`, "sessions: 2, panels: 2"]) {
    assert.ok(claw.includes(fact), `${fact}: ${out}`);
  }
  assert.match(
    out,
    /dmwork reviewer: channels\.dmwork\.accounts\.reviewer\.pollIntervalMs: has no effect\..*\(Remove it: /,
  );
  assert.match(out, /dmwork helper: channels\.dmwork\.accounts\.helper\.allowFrom: "Ann Lee" looks like a name/);
});

test("channels capabilities lists the same facts line by line", async () => {
  const { out } = await scene.claw.cli("channels", "capabilities", "--channel", "dmwork", "--account", "helper");
  for (const text of ["Probe: ok", "Groups: 1", "Clocks agree"]) assert.ok(out.includes(text), `${text}: ${out}`);
});

test("openclaw doctor shows the warnings of the running gateway", async () => {
  const { out } = await scene.claw.cli("doctor", "--non-interactive");
  const text = unframed(out);
  assert.match(text, /Channel warnings/, out);
  assert.match(text, /pollIntervalMs: has no effect/, out);
  assert.match(text, /"Ann Lee" looks like a name/, out);
});

test("openclaw dmwork doctor says the same and finds nothing that can't work", async () => {
  const { code, out } = await scene.claw.cli("dmwork", "doctor");
  assert.equal(code, 0, out);
  assert.match(out, /^reviewer: the server takes the token; server /m);
  assert.match(out, /^! channels\.dmwork\.accounts\.helper\.allowFrom: "Ann Lee" looks like a name/m);
  const json = await scene.claw.cli("mochat", "doctor", "--json");
  const report: unknown = JSON.parse(json.out.slice(json.out.indexOf("{")));
  assert.equal(Object(report).ok, true, json.out);
});

test("the gateway's security audit reports nothing of the plugin, not even with a deep look", async () => {
  const { out } = await scene.claw.cli("security", "audit", "--deep", "--json");
  const report: unknown = JSON.parse(out.slice(out.indexOf("{")));
  const findings: object[] = Object(report).findings;
  assert.ok(findings.length > 0, out);
  const ours = findings.filter(
    (finding) => /mochat|dmwork/.test(JSON.stringify(finding)) || JSON.stringify(finding).includes(ID),
  );
  assert.deepEqual(ours, []);
});
