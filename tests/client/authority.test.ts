/** Tokens that are refused: the operator is told in plain words, and nobody has to restart anything once they are good. */

import { leap } from "./clock.ts";
import { BOT, story } from "./story.ts";
import assert from "node:assert/strict";

const registers = { kind: "http", name: "POST /v1/bot/register" } as const;
const logins = { kind: "received", name: "CONNECT" } as const;

/** The longest wait after a refusal. */
const TEN_MINUTES = 600;

story(
  "a token that the realtime endpoint refuses is told, and the account comes back when it is good again",
  async (client, line) => {
    const { control, host, ledger } = client;
    const isTold = () => host.status?.lifecycle === "blocked";
    for (let count = 1; !isTold(); count += 1) {
      await client.entry(logins, 0, count);
      // v2.2.5 says nothing and closes after four seconds; the client waits up to a minute.
      if (line === "v2") leap(5);
      await client.until(() => host.lines.filter((said) => said.includes("next try")).length === count);
      if (!isTold()) leap(60);
    }
    assert.match(host.status?.detail ?? "", /^the server rejects the token: /);
    assert.ok(ledger.find(logins).length <= (line === "v2" ? 8 : 1));
    const refused = ledger.find(logins).length;
    control.distrust(BOT, false);
    await client.back(TEN_MINUTES);
    assert.ok(ledger.find(logins).length > refused);
    await client.worksWith("good again");
  },
  { before: ({ control }) => control.distrust(BOT) },
);

story(
  "a revoked token blocks the account with a sentence, and a token that is good again cures it",
  async (client, line) => {
    const { control, host, sandbox } = client;
    await client.ready();
    const good = sandbox.world.dmwork.tokens[BOT];
    const mark = client.ledger.last;
    control.revoke(BOT, "bf_another");
    await client.lost();
    // Revoking throws the connection out like a second login, so the first answer is patience.
    leap(TEN_MINUTES);
    await client.until(() => host.status?.lifecycle === "blocked");
    // The v3 line says so at the login; then register is asked only after another wait.
    if (line === "v3") leap(TEN_MINUTES);
    await client.entry(registers, mark);
    await client.until(() => host.status?.detail.includes("invalid bot token") ?? false);
    assert.equal(host.status?.lifecycle, "blocked");
    assert.match(host.status?.detail ?? "", /^the server rejects the token: invalid bot token/);
    const answers = client.ledger.find(registers, mark).map(({ data }) => data["status"]);
    assert.deepEqual(new Set(answers), new Set([400]));
    control.revoke(BOT, good);
    await client.back(TEN_MINUTES);
    await client.worksWith("cured");
  },
);

for (const status of [429, 500]) {
  story(
    `register that answers ${status} for a while is asked again until it works`,
    async (client) => {
      const { host, ledger } = client;
      await client.until(() => host.status?.lifecycle === "recovering");
      assert.match(host.status?.detail ?? "", new RegExp(`register: .*${status}`));
      await client.entry(registers, 0, 4);
      await client.back(TEN_MINUTES);
      const answers = ledger.find(registers).map(({ data }) => data["status"]);
      assert.deepEqual(answers, [status, status, status, status, 200]);
      await client.worksWith("through");
    },
    {
      before: ({ control }) =>
        control.fail("dmwork", {
          match: "register",
          status,
          times: 4,
          ...(status === 429 ? { retryAfterSeconds: 2 } : {}),
        }),
    },
  );
}
