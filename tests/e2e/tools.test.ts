/** The agent has things done on Mochat by tools, in the real gateway: for its owner, and not for anybody else. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Reply, Rule } from "../../sandbox/model-script.ts";
import { PATIENCE, reply, stage, type Stage } from "./support.ts";

let scene: Stage;

/** When somebody asks for `when`, the model calls the tool, by way of the gateway's catalog, and says what it said. */
function calls(when: RegExp, id: string, args: (match: RegExpExecArray) => Record<string, unknown>): Rule {
  const tool = (match: RegExpExecArray) => ({ name: "tool_call", arguments: { id, args: args(match) } });
  return { when, reply: (_request, match): Reply => ({ tool: tool(match) }) };
}

before(async () => {
  scene = await stage({
    renews: "claw",
    sandbox: {
      rules: [
        { when: /[^]*/, on: "tool", reply: ({ toolResult }) => `The tool says: ${toolResult?.slice(0, 600)}` },
        calls(/make a panel (\w+)/, "mochat_panels", ([, name]) => ({ action: "create", name, kind: "text" })),
        calls(/delete the panel (\w+)/, "mochat_panels", ([, panelId]) => ({ action: "delete", panelId })),
        calls(/what was said in (\w+)/, "message", ([, to]) => ({ action: "read", target: `panel:${to}` })),
        calls(/renew your token/, "mochat_account", () => ({ action: "rotate_token" })),
        calls(/ask your owner in (\w+)/, "mochat_sessions", ([, sessionId]) => ({
          action: "send",
          sessionId,
          content: "Bob asks for a day off. 1. Yes 2. No",
        })),
        { when: /ping ([a-z0-9-]+)/, reply: (_request, match) => `pong ${match[1]}` },
      ],
    },
  });
});

after(async () => {
  await scene[Symbol.asyncDispose]();
});

/** What the agent says in the owner's session after it was asked. */
async function ownerAsks(text: string, contains: string): Promise<string> {
  const { control, ledger, world } = scene.sandbox;
  const since = ledger.last;
  control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text });
  const { data } = await control.wait({ ...reply.session, contains }, { since, ...PATIENCE });
  return JSON.stringify(data["request"]);
}

test("the owner has a panel made, and what is said there is heard", async () => {
  const { control, ledger, mochat, world } = scene.sandbox;
  await ownerAsks("make a panel releases", "text panel");
  const group = mochat.directory.groups.get(world.mochat.groupId);
  const panel = [...(group?.panels.values() ?? [])].find(({ name }) => name === "releases");
  assert.ok(panel);
  const subscribed = { server: "mochat", kind: "sent", name: "ack com.claw.im.subscribePanels" } as const;
  await control.wait({ ...subscribed, contains: panel.id }, PATIENCE);
  const since = ledger.last;
  control.say({ on: "mochat", from: "bob", panel: panel.id, text: "ping new-panel", mentions: ["claw"] });
  await control.wait({ ...reply.panel, contains: "pong new-panel" }, { since, ...PATIENCE });
});

test("nobody else has anything changed, wherever they ask", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { build } = world.mochat.panels;
  for (const from of ["bob", "ann"]) {
    const since = ledger.last;
    control.say({ on: "mochat", from, panel: build, text: `delete the panel ${build}`, mentions: ["claw"] });
    await control.wait({ ...reply.panel, contains: "not allowed" }, { since, ...PATIENCE });
  }
  assert.deepEqual(ledger.find({ server: "mochat", kind: "http", name: "POST /api/claw/groups/panels/delete" }), []);
});

test("anybody may have the owner asked", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { ownerSession, panels } = world.mochat;
  const since = ledger.last;
  const text = `ask your owner in ${ownerSession}`;
  control.say({ on: "mochat", from: "bob", panel: panels.build, text, mentions: ["claw"] });
  await control.wait({ ...reply.session, contains: "day off" }, { since, ...PATIENCE });
  await control.wait({ ...reply.panel, contains: "posted as message" }, { since, ...PATIENCE });
});

test("the gateway's message tool reads the place of the question", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { build } = world.mochat.panels;
  const since = ledger.last;
  control.say({ on: "mochat", from: "bob", panel: build, text: `what was said in ${build}`, mentions: ["claw"] });
  await control.wait({ ...reply.panel, contains: "no instructions" }, { since, ...PATIENCE });
});

test("the owner has the token renewed: the configuration has the new one, and no model ever sees it", async () => {
  const { control, ledger, model, world, mochat } = scene.sandbox;
  const old = world.mochat.agents.claw.token;
  const since = ledger.last;
  await ownerAsks("renew your token", "stands in the configuration");
  const fresh = mochat.directory.agents().find(({ userId }) => userId === world.mochat.agents.claw.userId)?.token ?? "";
  assert.notEqual(fresh, old);
  const config = await readFile(join(scene.claw.stateDir, "openclaw.json"), "utf8");
  assert.ok(config.includes(fresh) && !config.includes(old));
  assert.ok(!JSON.stringify(model.requests).includes(fresh) && !scene.claw.lines.join().includes(fresh));
  const { userId } = world.mochat.agents.claw;
  const listens = { server: "mochat", kind: "received", name: "com.claw.im.subscribePanels", who: userId } as const;
  await control.wait(listens, { since, ...PATIENCE });
  await ownerAsks("ping renewed", "pong renewed");
});

test("the directory knows places and people by name, and a message can be sent by name", async () => {
  const { control, ledger, world } = scene.sandbox;
  const { build } = world.mochat.panels;
  const account = "--channel mochat --account claw".split(" ");
  const groups = await scene.claw.cli("directory", "groups", "list", ...account, "--json");
  assert.equal(groups.code, 0, groups.out);
  assert.match(groups.out, new RegExp(`panel:${build}[^}]*build`));
  const peers = await scene.claw.cli("directory", "peers", "list", ...account, "--query", "an", "--json");
  assert.match(peers.out, new RegExp(`session:${world.mochat.ownerSession}[^}]*ann`));
  const self = await scene.claw.cli("directory", "self", ...account, "--json");
  assert.match(self.out, new RegExp(world.mochat.agents.claw.userId));
  const since = ledger.last;
  const send = await scene.claw.cli("message", "send", ...account, "--target", "build", "--message", "sent by name");
  assert.equal(send.code, 0, send.out);
  const { data } = await control.wait({ ...reply.panel, contains: "sent by name" }, { since, ...PATIENCE });
  assert.ok(JSON.stringify(data["request"]).includes(build));
  const read = await scene.claw.cli("message", "read", ...account, "--target", `mochat:${build}`, "--json");
  assert.equal(read.code, 0, read.out);
  assert.match(read.out, /sent by name/);
});

test("the skill is there", async () => {
  const { code, out } = await scene.claw.cli("skills", "info", "mochat");
  assert.equal(code, 0, out);
  assert.match(out, /mochat tools/);
});
