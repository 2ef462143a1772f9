/** `openclaw mochat migrate` and `openclaw dmwork migrate`: accounts of the older plugins go on in the real gateway. */

import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { PATIENCE, reply, tarball, texts } from "./support.ts";

/** As the older plugins were configured: nothing says who may write, and some keys mean nothing any more. */
function oldStyle({ urls, world }: Sandbox): Record<string, unknown> {
  const { token, userId } = world.mochat.agents.claw;
  return {
    mochat: {
      baseUrl: urls.mochat,
      clawToken: token,
      agentUserId: userId,
      sessions: ["*"],
      panels: ["*"],
      maxRetryAttempts: 3,
      watchLimit: 50,
    },
    dmwork: {
      apiUrl: urls.dmwork,
      pollIntervalMs: 2_000,
      accounts: { reviewer: { botToken: world.dmwork.tokens.reviewer_bot, onBehalfOf: "ann" } },
    },
  };
}

test("accounts of both older plugins go on where they stopped, and come back to the byte", async () => {
  await using sandbox = await startSandbox({
    rules: [{ when: /ping ([a-z-]+)/, reply: (_request, match) => `pong ${match[1]}` }],
  });
  await using claw = await OpenClaw.install(tarball());
  await claw.configure({ modelUrl: sandbox.urls.model, channels: oldStyle(sandbox) });
  const path = join(claw.stateDir, "openclaw.json");
  const old = (await readFile(path, "utf8")).replace("{", "{\n  // by hand");
  await writeFile(path, old);

  const { control, ledger, world, mochat } = sandbox;
  const owner = { on: "mochat", from: "ann", session: world.mochat.ownerSession } as const;
  const panel = { on: "mochat", from: "bob", panel: world.mochat.panels.build } as const;
  const dm = { on: "dmwork", dm: "reviewer_bot" } as const;
  control.say({ ...owner, text: "ping before" });
  control.say({ ...panel, text: "ping panel-before" });
  control.say({ ...dm, from: "ann", text: "ping queued" });
  const { cursor } = mochat.exchange.conversation(owner.session);
  const read = { schemaVersion: 1, updatedAt: new Date().toISOString(), cursors: { [owner.session]: cursor } };
  await mkdir(join(claw.stateDir, "mochat/cursors"), { recursive: true });
  await writeFile(
    join(claw.stateDir, "mochat/cursors/default.json"),
    JSON.stringify({ ...read, cursors: { ...read.cursors, [panel.panel]: 1 } }),
  );
  // A panel is read by time: what is said in the very millisecond of the file counts as read.
  await sleep(5);
  control.say({ ...owner, text: "ping after" });
  control.say({ ...panel, text: "ping panel-after" });

  const dry = await claw.cli("mochat", "migrate");
  assert.equal(dry.code, 0, dry.out);
  assert.match(dry.out, /-\s+"maxRetryAttempts": 3/);
  assert.match(dry.out, /DIRECT MESSAGES ARE NOT OPEN TO EVERYBODY ANY MORE/);
  assert.equal(await readFile(path, "utf8"), old);

  const undos: string[] = [];
  for (const channel of ["mochat", "dmwork"]) {
    const done = await claw.cli(channel, "migrate", "--apply");
    assert.equal(done.code, 0, done.out);
    const file = /--undo (\S+)/.exec(done.out)?.[1] ?? "";
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    undos.push(file);
  }
  const written = await readFile(path, "utf8");
  assert.match(written, /\/\/ by hand/);
  assert.doesNotMatch(written, /maxRetryAttempts|watchLimit|pollIntervalMs|onBehalfOf/);
  const again = await claw.cli("dmwork", "migrate", "--apply");
  assert.deepEqual([again.code, /There is nothing to do\./.test(again.out)], [0, true]);
  assert.ok(!claw.words.join("").includes(world.mochat.agents.claw.token), "no token is printed");

  await claw.start();
  await control.wait({ ...reply.session, contains: "pong after" }, PATIENCE);
  await control.wait({ ...reply.panel, contains: "pong panel-after" }, PATIENCE);
  await control.wait({ server: "dmwork", kind: "connect", who: "reviewer_bot" }, PATIENCE);
  const since = ledger.last;
  control.say({ ...dm, from: "bob", text: "ping stranger" });
  await control.wait({ ...reply.dmwork, contains: "pairing" }, { since, ...PATIENCE });
  control.say({ ...owner, text: "ping live" });
  control.say({ ...dm, from: "ann", text: "ping dm-live" });
  await control.wait({ ...reply.session, contains: "pong live" }, { since, ...PATIENCE });
  await control.wait({ ...reply.dmwork, contains: "pong dm-live" }, { since, ...PATIENCE });
  assert.deepEqual(texts(sandbox, reply.session), ["pong after", "pong live"]);
  assert.deepEqual(texts(sandbox, reply.panel), ["pong panel-after"]);
  const direct = texts(sandbox, reply.dmwork).filter((text) => text.includes("pong"));
  assert.deepEqual(direct, ["pong dm-live"]);

  await claw.stop("SIGTERM");
  for (const [at, channel] of ["dmwork", "mochat"].entries()) {
    const back = await claw.cli(channel, "migrate", "--undo", undos.toReversed()[at] ?? "");
    assert.equal(back.code, 0, back.out);
  }
  assert.equal(await readFile(path, "utf8"), old);
});
