/** DMWork from an empty home: the setup, and what the agent has done by tools for its owner and for nobody else. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import type { Reply, Rule } from "../../sandbox/model-script.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { PATIENCE, reply, tarball } from "./support.ts";

let sandbox: Sandbox;
let claw: OpenClaw;

/** When somebody asks for `when`, the model calls the tool, by way of the gateway's catalog, and says what it said. */
function calls(when: RegExp, id: string, args: (match: RegExpExecArray) => Record<string, unknown>): Rule {
  const tool = (match: RegExpExecArray) => ({ name: "tool_call", arguments: { id, args: args(match) } });
  return { when, reply: (_request, match): Reply => ({ tool: tool(match) }) };
}

before(async () => {
  sandbox = await startSandbox({
    rules: [
      { when: /[^]*/, on: "tool", reply: ({ toolResult }) => `The tool says: ${toolResult?.slice(0, 600)}` },
      // Before the tools: what others said earlier stands in the prompt as well.
      { when: /ping ([a-z0-9-]+)/, reply: (_request, match) => `pong ${match[1]}` },
      calls(/remove (\w+) from (\w+)/, "dmwork_groups", ([, uid, groupId]) => ({
        action: "remove",
        groupId,
        members: [uid],
      })),
      calls(/rules of (\w+): (.+)/, "dmwork_groups", ([, groupId, content]) => ({
        action: "set_rules",
        groupId,
        content,
      })),
      calls(/what was said in (\w+)/, "message", ([, id]) => ({ action: "read", target: `group:${id}` })),
    ],
  });
  claw = await OpenClaw.install(tarball());
  await claw.configure({ modelUrl: sandbox.urls.model, channels: {} });
});

after(async () => {
  await claw[Symbol.asyncDispose]();
  await sandbox.close();
});

async function setup(...flags: string[]) {
  return await claw.cli("dmwork", "setup", "--api-url", sandbox.urls.dmwork, ...flags);
}

/** What the bot says in direct messages to who asks. */
async function asks(from: string, text: string, contains: string): Promise<void> {
  const since = sandbox.ledger.last;
  sandbox.control.say({ on: "dmwork", from, dm: "reviewer_bot", text });
  await sandbox.control.wait({ ...reply.dmwork, who: "reviewer_bot", contains }, { since, ...PATIENCE });
}

test("two bots are set up with the owner's key, and a second run changes nothing", async () => {
  const path = join(claw.stateDir, "openclaw.json");
  const plain = await readFile(path, "utf8");
  await writeFile(path, plain.replace("{", "{\n  // written by hand, and to stay"));
  const key = join(claw.home, "key");
  await writeFile(key, sandbox.world.dmwork.ownerKey);
  const unattended = await setup();
  assert.equal(unattended.code, 1, unattended.out);
  assert.match(unattended.out, /--token-file/);
  const first = await setup("--account", "Reviewer", "--token-file", key, "--bot", "Reviewer", "--dms", "friends");
  assert.equal(first.code, 0, first.out);
  assert.match(first.out, /The bot is Reviewer \(reviewer_bot\) and belongs to ann/);
  assert.equal(
    (await setup("--account", "scout", "--token-file", key, "--name", "Scout", "--username", "scout")).code,
    0,
  );
  const written = await readFile(path, "utf8");
  assert.match(written, /\/\/ written by hand, and to stay/);
  assert.match(written, /"?reviewer"?: \{/);
  const again = await setup("--account", "reviewer", "--json");
  assert.equal(again.code, 0, again.out);
  assert.deepEqual(JSON.parse(again.out.slice(again.out.indexOf("{"))).done, []);
  assert.equal(await readFile(path, "utf8"), written);
  for (const { out } of [first, again]) assert.ok(!/bf_\w{16}|uk_\w{16}/.test(out), "no secret is printed");
  const doctor = await claw.cli("dmwork", "doctor");
  assert.equal(doctor.code, 0, doctor.out);
});

test("the owner has a group's rules written and somebody removed, and nobody else has", async () => {
  await claw.start();
  await sandbox.control.wait({ server: "dmwork", kind: "connect", who: "reviewer_bot" }, PATIENCE);
  const { groupNo } = sandbox.world.dmwork;
  await asks("ann", `rules of ${groupNo}: Be kind.`, "version 1");
  const group = sandbox.dmwork.directory.groups.get(groupNo);
  assert.equal(group?.rules.content, "Be kind.");
  const since = sandbox.ledger.last;
  const text = `@Reviewer remove bob from ${groupNo}`;
  sandbox.control.say({ on: "dmwork", from: "ann", group: groupNo, text, mention: ["reviewer_bot"] });
  await sandbox.control.wait({ ...reply.dmwork, contains: "not allowed" }, { since, ...PATIENCE });
  assert.ok(group?.members.has("bob"));
  await asks("ann", `remove bob from ${groupNo}`, "removed 1");
  assert.ok(!group?.members.has("bob"));
});

test("two bots that are mentioned together both answer", async () => {
  const { groupNo } = sandbox.world.dmwork;
  const { directory } = sandbox.dmwork;
  const group = directory.groups.get(groupNo);
  assert.ok(group);
  directory.addMember(group, "scout_bot");
  await sandbox.control.wait({ server: "dmwork", kind: "connect", who: "scout_bot" }, PATIENCE);
  const since = sandbox.ledger.last;
  const mentions = ["reviewer_bot", "scout_bot"];
  sandbox.control.say({ on: "dmwork", from: "ann", group: groupNo, text: "ping both", mention: mentions });
  for (const who of mentions) {
    await sandbox.control.wait({ ...reply.dmwork, who, contains: "pong both" }, { since, ...PATIENCE });
  }
});

test("the directory knows people and groups, and a message goes into a thread by name and id", async () => {
  const { control, ledger, world } = sandbox;
  const account = "--channel dmwork --account REVIEWER".split(" ");
  const groups = await claw.cli("directory", "groups", "list", ...account, "--json");
  assert.equal(groups.code, 0, groups.out);
  assert.match(groups.out, new RegExp(`group:${world.dmwork.groupNo}[^}]*release crew`));
  const since = ledger.last;
  const target = ["--target", `group:${world.dmwork.groupNo}`, "--thread-id", world.dmwork.threadId];
  const sent = await claw.cli("message", "send", ...account, ...target, "--message", "in the thread");
  assert.equal(sent.code, 0, sent.out);
  const { data } = await control.wait({ ...reply.dmwork, contains: "in the thread" }, { since, ...PATIENCE });
  assert.equal(Object(data["request"]).channel_id, world.dmwork.threadChannel);
  const read = await claw.cli("message", "read", ...account, "--target", world.dmwork.groupNo, "--json");
  assert.equal(read.code, 0, read.out);
  assert.match(read.out, /no instructions/);
});

test("the skill is there", async () => {
  const { code, out } = await claw.cli("skills", "info", "dmwork");
  assert.equal(code, 0, out);
  assert.match(out, /dmwork tools/);
});
