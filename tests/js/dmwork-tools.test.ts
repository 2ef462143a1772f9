/** DMWork's tools through the real core against the sandbox's server, asked by the gateway's operator. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../js/core/account.ts";
import type { Step } from "../../js/core/protocol.ts";
import { startSandbox } from "../../sandbox/index.ts";

/** A core without a connection; each call answers with the words for the model, or throws those of a refusal. */
async function toolsOf(config: Record<string, unknown>) {
  let answer = Promise.withResolvers<string>();
  const settle = ({ effects }: Step) => {
    for (const effect of effects) {
      if (effect.kind !== "settleTool") continue;
      if (effect.ok) answer.resolve(effect.text);
      else answer.reject(new Error(effect.text));
    }
  };
  const wake = () => setImmediate(() => settle(core.pump()));
  const core = await openCore({ channel: "dmwork", accountId: "reviewer", config, wake });
  return async (tool: string, parameters: Record<string, unknown>): Promise<string> => {
    answer = Promise.withResolvers();
    const ask = JSON.stringify({ tool: `dmwork_${tool}`, parameters, caller: { operator: true } });
    settle(core.handle({ kind: "toolAsked", request: 1, ask }));
    return await answer.promise;
  };
}

test("groups, threads, people and bots are made, changed and deleted as the server has them", async () => {
  await using sandbox = await startSandbox();
  const { directory } = sandbox.dmwork;
  const { tokens, ownerKey, groupNo, threadChannel } = sandbox.world.dmwork;
  const secrets = { botToken: tokens.reviewer_bot, userApiKey: ownerKey };
  const call = await toolsOf({ apiUrl: sandbox.urls.dmwork, ...secrets });

  assert.equal(await call("groups", { action: "list" }), `group:${groupNo} release crew\n`);
  assert.match(await call("groups", { action: "members", groupId: groupNo }), /^user:ann Ann Lee/);
  const made = await call("groups", { action: "create", name: "Launch", members: ["ann", "helper_bot"] });
  const launch = /^group:([0-9a-f]{32}) Launch, skipped members \["helper_bot"\]\n$/.exec(made)?.[1];
  assert.ok(launch, made);
  assert.equal(await call("groups", { action: "add", groupId: launch, members: ["bob"] }), "added 1\n");
  assert.equal(await call("groups", { action: "remove", groupId: launch, members: ["bob"] }), "removed 1\n");
  await call("groups", { action: "update", groupId: launch, notice: "Friday" });
  assert.match(await call("groups", { action: "info", groupId: launch }), /Launch, notice Friday, creator ann/);
  assert.equal(await call("groups", { action: "set_rules", groupId: launch, content: "# Be kind" }), "version 1\n");
  assert.match(
    await call("groups", { action: "rules", groupId: launch }),
    /^Version 1 by reviewer_bot; .*\n# Be kind$/,
  );

  const thread = await call("threads", {
    action: "create",
    groupId: launch,
    name: "Bug",
    sourceMessageId: "9007199254740993",
  });
  const threadId = /^thread:(\S+) Bug.* source message id 9007199254740993/.exec(thread)?.[1];
  assert.ok(threadId, thread);
  assert.match(await call("threads", { action: "list", groupId: launch }), new RegExp(`^thread:${threadId} Bug`));
  assert.match(await call("threads", { action: "members", threadId }), /^user:ann/);
  for (const action of ["join", "leave", "get"]) await call("threads", { action, threadId });
  await call("threads", { action: "delete", threadId });
  await assert.rejects(call("threads", { action: "get", threadId }), /HTTP 400\): thread not found/);

  for (const [number, text] of ["first", "second", "the key"].entries()) {
    sandbox.control.say({ on: "dmwork", from: "bob", thread: threadChannel, text: `${number}: ${text}` });
  }
  const target = `thread:${threadChannel}`;
  const said = await call("messages", { action: "read", target, limit: 2 });
  assert.match(said, /Bob \(bob\), message \d+ \(no\. 3\): 2: the key/);
  assert.match(said, /Older ones: before 2$/);
  assert.match(await call("messages", { action: "read", target, before: 2 }), /first/);
  assert.match(await call("messages", { action: "search", target, query: "KEY" }), /\(no\. 3\)/);
  await assert.rejects(
    call("messages", { action: "edit", target, messageId: "1", content: "x" }),
    /messageId: is none of the latest 3/,
  );

  assert.match(await call("account", { action: "people", query: "ann" }), /^user:ann Ann Lee\nuser:sales_ann/);
  assert.match(await call("account", { action: "user", uid: "bob" }), /^user:bob Bob/);
  await assert.rejects(call("account", { action: "user", uid: "nobody" }), /HTTP 404\): user not found/);
  await call("account", { action: "set_commands", commands: ["/help: what I can do"] });
  assert.equal(await call("account", { action: "voice_context" }), "there is none");
  await call("account", { action: "set_voice_context", content: "Octo" });
  assert.equal(await call("account", { action: "voice_context" }), "Octo");
  await call("account", { action: "delete_voice_context" });

  assert.equal(await call("bots", { action: "create", name: "Scout", username: "scout" }), "bot scout_bot Scout\n");
  await call("bots", { action: "update", botId: "scout_bot", description: "looks around" });
  assert.match(await call("bots", { action: "list" }), /bot scout_bot Scout, description looks around\n$/);
  await call("bots", { action: "delete", botId: "scout_bot" });
  assert.equal(directory.bots.has("scout_bot"), false);
});
