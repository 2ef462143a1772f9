/** The search for tokens that ends every story finds them, wherever one is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "../../sandbox/index.ts";
import { assertNoLeak } from "../canary.ts";

test("a story in which a token is told anywhere fails", async () => {
  await using sandbox = await startSandbox();
  const { tokens, ownerKey } = sandbox.world.dmwork;
  const secrets = [...Object.values(tokens), ownerKey, sandbox.world.mochat.agents.claw.token];
  assertNoLeak(sandbox, [["a log", "all is well"]]);
  for (const secret of secrets) {
    const tail = secret.slice(secret.indexOf("_") + 1);
    for (const told of [`info: ${secret}`, `info: ${tail}`, JSON.stringify({ detail: secret })]) {
      assert.throws(
        () => assertNoLeak(sandbox, [["a log", told]]),
        (error: Error) => {
          assert.match(error.message, /a token is where none may be/);
          return !error.message.includes(tail);
        },
      );
    }
  }
  sandbox.ledger.record("dmwork", "http", "reviewer_bot", "POST /v1/bot/sendMessage", {
    query: {},
    request: { payload: { type: 1, content: `my key is ${ownerKey}` } },
  });
  assert.throws(() => assertNoLeak(sandbox, []), /a token is where none may be/);
});
