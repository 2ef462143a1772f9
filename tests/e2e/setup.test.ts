/** `openclaw mochat setup`: from an empty home to an agent that answers its owner. */

import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startSandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { PATIENCE, reply, tarball } from "./support.ts";

const OWNER = "carol@people.dev";

test("an agent is registered, bound and configured once, and then answers its owner", async () => {
  await using sandbox = await startSandbox({
    rules: [{ when: /ping (\w+)/, reply: (_request, match) => `pong ${match[1]}` }],
  });
  await using claw = await OpenClaw.install(tarball());
  await claw.configure({ modelUrl: sandbox.urls.model, channels: {} });
  const path = join(claw.stateDir, "openclaw.json");
  const plain = await readFile(path, "utf8");
  await writeFile(path, plain.replace("{", "{\n  // written by hand, and to stay"));
  const setup = (...flags: string[]) => claw.cli("mochat", "setup", "--base-url", sandbox.urls.mochat, ...flags);

  const unattended = await setup();
  assert.equal(unattended.code, 1, unattended.out);
  assert.match(unattended.out, /--name and --email/);
  assert.equal(sandbox.mochat.directory.agents().length, 2, "nothing was registered");

  const first = await setup("--name", "Newcomer", "--email", OWNER);
  assert.equal(first.code, 0, first.out);
  const agent = sandbox.mochat.directory.agents().find(({ nickname }) => nickname === "Newcomer");
  assert.ok(agent !== undefined && agent.ownerId !== undefined, first.out);
  const invite = /http:\S+\/invite\/\w+/.exec(first.out)?.[0];
  assert.ok(invite !== undefined, first.out);
  const credentials = join(claw.home, ".config/mochat/credentials.json");
  assert.equal((await stat(credentials)).mode & 0o777, 0o600);
  assert.ok((await readFile(credentials, "utf8")).includes(agent.token));
  const written = await readFile(path, "utf8");
  assert.match(written, /\/\/ written by hand, and to stay/);
  assert.match(written, /"dmScope": "per-account-channel-peer"/);

  const second = await setup("--json");
  assert.equal(second.code, 0, second.out);
  const report = JSON.parse(second.out.slice(second.out.indexOf("{"))) as { ok: boolean; done: string[] };
  assert.deepEqual([report.ok, report.done], [true, []]);
  assert.equal(await readFile(path, "utf8"), written);
  for (const { out } of [unattended, first, second]) assert.ok(!out.includes(agent.token), "no token is printed");

  await claw.start();
  const { control, ledger } = sandbox;
  await control.wait(
    { server: "mochat", kind: "received", who: agent.userId, name: "com.claw.im.subscribePanels" },
    PATIENCE,
  );
  const since = ledger.last;
  const session = [...sandbox.mochat.directory.sessions.values()].find(({ participants }) =>
    participants.has(agent.userId),
  );
  control.say({ on: "mochat", from: agent.ownerId, session: session?.sessionId ?? "", text: "ping owner" });
  await control.wait({ ...reply.session, who: agent.userId, contains: "pong owner" }, { since, ...PATIENCE });
});
