/** Changes in the running gateway, of an account, of a channel, of the plugin itself: nobody who writes meanwhile notices. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "../../sandbox/index.ts";
import type { Rule } from "../../sandbox/model-script.ts";
import { accepted, online, PATIENCE, reply, stage, tarball, texts } from "./support.ts";

/** The gateway puts a message that comes early enough into the run of the one before: then one answer is for both. */
const PONG: Rule[] = [
  { when: /ping \w/, reply: ({ asked: text }) => `pong ${[...new Set(text.match(/(?<=ping )\w+/g))].join(" ")}` },
];

test("questions around an account's restart are answered once", async () => {
  await using scene = await stage({ sandbox: { rules: PONG } });
  const { sandbox, claw } = scene;
  const { control, ledger, world } = sandbox;
  const { ownerSession, agents } = world.mochat;
  const say = (text: string) => control.say({ on: "mochat", from: "ann", session: ownerSession, text });
  const listens = { server: "mochat", kind: "received", name: "com.claw.im.subscribePanels" } as const;
  const mark = ledger.last;
  const asked: string[] = [];
  // A question meets another moment of the restart each time.
  for (const [round, pause] of [0, 150, 400].entries()) {
    const since = ledger.last;
    const change = claw.cli("config", "set", "channels.mochat.accounts.claw.name", `claw ${round}`);
    const writing = (async () => {
      await control.wait({ server: "mochat", kind: "disconnect", who: agents.claw.userId }, { since, ...PATIENCE });
      await sleep(pause);
      say(`ping after${round}`);
    })();
    assert.equal((await change).code, 0);
    for (let nth = 0; nth < 4; nth += 1) {
      say(`ping during${round}x${nth}`);
      asked.push(`during${round}x${nth}`);
      await sleep(400);
    }
    await writing;
    asked.push(`after${round}`);
    await control.wait({ ...listens, who: agents.claw.userId }, { since, ...PATIENCE });
    for (const name of asked.slice(-5))
      await control.wait(accepted({ ...reply.session, contains: name }), { since, ...PATIENCE });
  }
  say("ping last");
  await control.wait(accepted({ ...reply.session, contains: "pong last" }), { since: mark, ...PATIENCE });
  const answered = texts(sandbox, reply.session, mark).flatMap((text) => text.replace(/^pong /, "").split(" "));
  assert.deepEqual(answered.toSorted(), [...asked, "last"].toSorted());
  assert.deepEqual(left(sandbox, mark), [agents.claw.userId], "only the account that was changed leaves its socket");
});

test("questions around a channel's restart are answered once, and the other channel keeps its sockets", async () => {
  await using scene = await stage({ sandbox: { rules: PONG } });
  const { sandbox, claw } = scene;
  const agents = Object.values(sandbox.world.mochat.agents).map(({ userId }) => userId);
  const mark = sandbox.ledger.last;
  const asked = askWhenGone(sandbox, agents, ["mochat"]);
  assert.equal((await claw.cli("config", "set", "channels.mochat.replyDelayMs", "1500")).code, 0);
  await answeredOnce(sandbox, await asked, mark);
  assert.deepEqual(left(sandbox, mark), agents.toSorted());
});

test("questions around an update of the plugin are answered once", async () => {
  await using scene = await stage({ sandbox: { rules: PONG } });
  const { sandbox, claw } = scene;
  const { agents } = sandbox.world.mochat;
  const mark = sandbox.ledger.last;
  const folder = mkdtempSync(join(tmpdir(), "update-"));
  try {
    const update = repacked(folder, "99.0.0");
    const asked = askWhenGone(sandbox, [agents.claw.userId, "reviewer_bot"], ["mochat", "dmwork"]);
    const { code, out } = await claw.cli(
      "plugins",
      "install",
      `npm-pack:${update}`,
      "--force",
      "--accept-capabilities",
    );
    assert.equal(code, 0, out);
    await online(sandbox, mark);
    await answeredOnce(sandbox, await asked, mark);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { out } = await claw.cli("plugins", "list", "--json");
  assert.match(out, /"version": "99\.0\.0"/);
});

/** Between the questions, from one that nobody is there for to one that is heard by the new socket. */
const PAUSES_MS = [0, 300, 1_000, 2_000];

/** Asks while these are away: the gateway restarts nothing in which a turn runs. */
async function askWhenGone(
  { control, ledger, world }: Sandbox,
  gone: readonly string[],
  channels: readonly ("mochat" | "dmwork")[],
): Promise<string[]> {
  const since = ledger.last;
  await Promise.all(gone.map((who) => control.wait({ kind: "disconnect", who }, { since, ...PATIENCE })));
  const asked: string[] = [];
  for (const pause of PAUSES_MS) {
    await sleep(pause);
    for (const on of channels) {
      const name = `${on}${asked.length}`;
      asked.push(name);
      if (on === "dmwork") control.say({ on, from: "ann", dm: "reviewer_bot", text: `ping ${name}` });
      else control.say({ on, from: "ann", session: world.mochat.ownerSession, text: `ping ${name}` });
    }
  }
  return asked;
}

async function answeredOnce(sandbox: Sandbox, asked: readonly string[], since: number): Promise<void> {
  const told = (): string[] => {
    const said = [reply.session, reply.dmwork].flatMap((way) => texts(sandbox, way, since)).join(" ");
    return said.match(/(?:mochat|dmwork)\d+/g) ?? [];
  };
  await sandbox.ledger.until(() => asked.every((name) => told().includes(name)), PATIENCE.deadlineMs);
  assert.deepEqual(told().toSorted(), asked.toSorted());
}

/** Who left a socket since then. */
function left({ ledger }: Sandbox, since: number): string[] {
  const ends = ledger.find({ kind: "disconnect" }, since).filter(({ name }) => name !== "socket");
  return [...new Set(ends.map(({ who }) => who))].toSorted();
}

/** The packed plugin under another version. */
function repacked(folder: string, version: string): string {
  execFileSync("tar", ["-xzf", tarball(), "-C", folder]);
  const manifest = join(folder, "package/package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"version": "[^"]+"/, `"version": "${version}"`));
  const packed = join(folder, "update.tgz");
  execFileSync("tar", ["-czf", packed, "-C", folder, "package"]);
  return packed;
}
