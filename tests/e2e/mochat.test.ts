/** Mochat in the real gateway: a newcomer's whole way, and two bots of one panel through whatever a network can do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Agent, Group } from "../../sandbox/mochat/directory.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { accepted, PATIENCE, reply, stage, tarball, texts } from "./support.ts";

const SUBSCRIBE = "com.claw.im.subscribePanels";
/** Longer than a gateway needs to restart on a busy machine. */
const QUIET_MS = 60_000;

test("from registration to a batch that outlives a restart: each question is answered once", async () => {
  await using sandbox = await startSandbox({
    rules: [
      { when: /lights[^]*sound/, reply: "lights and sound" },
      { when: /ping (\w+)/, reply: (_request, match) => `pong ${match[1]}` },
    ],
  });
  await using claw = await OpenClaw.install(tarball());
  await claw.configure({ modelUrl: sandbox.urls.model, channels: {} });
  const who = ["--name", "Newcomer", "--email", "carol@people.dev"];
  const setup = await claw.cli("mochat", "setup", "--base-url", sandbox.urls.mochat, ...who);
  assert.equal(setup.code, 0, setup.out);
  const shorter = await claw.cli("config", "set", "channels.mochat.replyDelayMs", String(QUIET_MS));
  assert.equal(shorter.code, 0, shorter.out);

  const { control, ledger, mochat } = sandbox;
  const agent = mochat.directory.agents().find(({ nickname }) => nickname === "Newcomer");
  assert.ok(agent?.ownerId !== undefined, setup.out);
  const panel = joinLobby(sandbox, agent, agent.ownerId);
  const start = async () => {
    const since = ledger.last;
    await claw.start();
    await control.wait(
      { server: "mochat", kind: "received", who: agent.userId, name: SUBSCRIBE },
      { since, ...PATIENCE },
    );
  };
  await start();

  const owner = { on: "mochat", from: agent.ownerId } as const;
  const session = [...mochat.directory.sessions.values()].find(({ participants }) => participants.has(agent.userId));
  assert.ok(session !== undefined);
  control.say({ ...owner, session: session.sessionId, text: "ping session" });
  await control.wait({ ...reply.session, contains: "pong session" }, PATIENCE);

  const called = ledger.last;
  control.say({ ...owner, panel, text: "ping mention", mentions: [agent.userId] });
  const prompt = await control.wait({ ...reply.panel, contains: "pong mention" }, { since: called, ...PATIENCE });
  const call = ledger.find({ server: "mochat", kind: "sent", name: "claw.panel.events", contains: "ping mention" })[0];
  assert.ok(call !== undefined && prompt.at - call.at < QUIET_MS, "a mention waits for no quiet time");

  // In the middle of a batch: one line before the restart, one that is said meanwhile.
  const middle = ledger.last;
  control.say({ ...owner, panel, text: "what about the lights" });
  const lights = { server: "mochat", kind: "sent", contains: "the lights" } as const;
  const first = await control.wait(lights, { since: middle, ...PATIENCE });
  await sleep(1_000);
  await claw.stop("SIGTERM");
  control.say({ ...owner, panel, text: "and the sound" });
  await start();
  const both = await control.wait({ ...reply.panel, contains: "lights and sound" }, { since: middle, ...PATIENCE });
  assert.ok(both.at - first.at >= QUIET_MS, "the quiet time was kept");

  // Whatever would answer twice has had its time once a later question is answered.
  control.say({ ...owner, panel, text: "ping last", mentions: [agent.userId] });
  await control.wait({ ...reply.panel, contains: "pong last" }, { since: middle, ...PATIENCE });
  const posted = texts(sandbox, reply.panel);
  assert.deepEqual(posted, ["pong mention", "lights and sound", "pong last"]);
});

/** The owner follows the invite link. Returns the panel of the agent's own group. */
function joinLobby({ mochat }: Sandbox, agent: Agent, owner: string): string {
  const group: Group | undefined = mochat.directory.groups.get(agent.groupId);
  group?.members.add(owner);
  const [panel] = [...(group?.panels.keys() ?? [])];
  assert.ok(panel !== undefined);
  return panel;
}

test("two agents of one panel lose nothing and answer nothing twice, whatever the network does", async (t) => {
  await using scene = await stage({
    sandbox: { rules: [{ when: /ask (\w+)(?![^]*ask \w)/, reply: (_request, match) => `told ${match[1]}` }] },
  });
  const { sandbox } = scene;
  const { control, ledger, world } = sandbox;
  const { agents, panels, ownerSession } = world.mochat;
  const mark = ledger.last;
  const both: string[] = [];
  const one: string[] = [];
  /** Calls both agents in their panel, and asks one of them in its owner's session. */
  const ask = (name: string) => {
    both.push(`${name}p`);
    one.push(`${name}s`);
    const mentions = [agents.claw.userId, agents.scout.userId];
    control.say({ on: "mochat", from: "ann", panel: panels.random, text: `ask ${name}p`, mentions });
    control.say({ on: "mochat", from: "ann", session: ownerSession, text: `ask ${name}s` });
  };
  const answers = (filter: { contains: string; who?: string }) =>
    [...texts(sandbox, { ...reply.panel, ...filter }, mark), ...texts(sandbox, { ...reply.session, ...filter }, mark)]
      .length;
  const settled = async (name: string) => {
    const since = { since: mark, ...PATIENCE };
    for (const { userId } of [agents.claw, agents.scout])
      await control.wait(accepted({ ...reply.panel, who: userId, contains: `told ${name}p` }), since);
    await control.wait(accepted({ ...reply.session, contains: `told ${name}s` }), since);
  };

  ask("calm");
  await settled("calm");

  // For a minute the server is out of reach; people who are with it go on writing.
  await control.cut("mochat");
  ask("early");
  await sleep(60_000);
  ask("late");
  await control.restore("mochat");
  await settled("early");
  await settled("late");

  control.kick({ on: "mochat" });
  ask("kick");
  await settled("kick");

  for (const retryAfterSeconds of [1, undefined]) {
    control.fail("mochat", {
      match: "/send",
      times: 6,
      status: 429,
      ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
    });
  }
  ask("storm");
  await settled("storm");

  ask("calmagain");
  await settled("calmagain");
  const wanted = [
    ...both.flatMap((name) =>
      [agents.claw, agents.scout].map(({ userId }) => ({ contains: `told ${name}`, who: userId })),
    ),
    ...one.map((name) => ({ contains: `told ${name}` })),
  ];
  const counts = wanted.map(answers);
  const lost = counts.filter((count) => count === 0).length;
  const twice = counts.filter((count) => count > 1).length;
  t.diagnostic(`ledger: ${wanted.length} answers asked for, ${lost} lost, ${twice} twice`);
  assert.deepEqual([lost, twice], [0, 0], JSON.stringify(wanted.map(({ contains }, at) => [contains, counts[at]])));
});
