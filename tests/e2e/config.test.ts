/** Configuration that can't work is named by its key before anything starts, and hurts nobody else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { channels } from "../../sandbox/channels.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { PATIENCE, reply, stage, tarball } from "./support.ts";

test("the host's validation names the key at fault", async () => {
  await using sandbox = await startSandbox();
  await using claw = await OpenClaw.install(tarball());
  for (const [account, keys, named] of [
    ["reviewer", { bogus: 1 }, /bogus/],
    ["reviewer", { botToken: " " }, /botToken/],
    ["helper", { apiUrl: "im.example" }, /apiUrl/],
    ["claw", { replyDelayMode: "sometimes" }, /replyDelayMode[^]*non-mention/],
  ] as const) {
    await claw.configure({
      modelUrl: sandbox.urls.model,
      channels: channels(sandbox, { accounts: { [account]: keys } }),
    });
    const { code, out } = await claw.cli("config", "validate");
    assert.notEqual(code, 0, out);
    assert.match(out, named);
  }
});

test("an account without a token says so and blocks only itself; a stranger gets a pairing code, and the owner none", async () => {
  await using scene = await stage({
    sandbox: { rules: [{ when: /ping (\w+)/, reply: (_request, match) => `pong ${match[1]}` }] },
    accounts: { helper: { dmPolicy: "pairing", allowFrom: [] }, claw: { dmPolicy: "pairing", allowFrom: [] } },
    edit: (configured) => {
      const dmwork = configured["dmwork"] as { accounts: Record<string, object> };
      return {
        ...configured,
        dmwork: { ...dmwork, accounts: { ...dmwork.accounts, forgotten: { name: "no token here" } } },
      };
    },
  });
  const { sandbox, claw } = scene;
  const { control, ledger } = sandbox;
  const since = ledger.last;
  control.say({ on: "dmwork", from: "sales_ann", dm: "helper_bot", text: "ping stranger" });
  control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: "ping friend" });
  await control.wait({ ...reply.dmwork, who: "reviewer_bot", contains: "pong friend" }, { since, ...PATIENCE });
  control.say({ on: "mochat", from: "ann", session: sandbox.world.mochat.ownerSession, text: "ping owner" });
  await control.wait({ ...reply.session, contains: "pong owner" }, { since, ...PATIENCE });
  const code = await control.wait({ ...reply.dmwork, who: "helper_bot", contains: "pairing" }, { since, ...PATIENCE });
  assert.match(JSON.stringify(code.data), /sales_ann/);
  assert.equal(ledger.find({ server: "model", kind: "received", contains: "ping stranger" }, since).length, 0);
  const status = await claw.cli("channels", "status");
  assert.match(status.out, /forgotten/);
});
