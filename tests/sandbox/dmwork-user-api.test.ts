import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

function ann(sandbox: Sandbox, key = sandbox.world.dmwork.ownerKey) {
  const headers = { authorization: `Bearer ${key}` };
  return (method: string, path: string, body?: unknown) =>
    call(`${sandbox.urls.dmwork}/v1/user/${path}`, headers, body, method);
}

test("a person makes a bot, and its token is good at once", async () => {
  await using sandbox = await startSandbox();
  const made = await ann(sandbox)("POST", "bots", { name: "Scout", username: "Scout" });
  assert.equal(made.json["robot_id"], "scout_bot");
  const headers = { authorization: `Bearer ${String(made.json["bot_token"])}` };
  const { json } = await call(`${sandbox.urls.dmwork}/v1/bot/register`, headers, {});
  assert.deepEqual([json["name"], json["owner_uid"]], ["Scout", "ann"]);
  const taken = await ann(sandbox)("POST", "bots", { name: "Scout", username: "scout" });
  assert.equal(taken.status, 409);
  const unnamed = await ann(sandbox)("POST", "bots", { name: "Other" });
  assert.match(String(unnamed.json["robot_id"]), /^\w+_bot$/);
  assert.equal((await ann(sandbox)("POST", "bots", { name: "字".repeat(22) })).status, 400, "64 bytes");
});

test("a person sees, changes and deletes their own bots and nobody else's", async () => {
  await using sandbox = await startSandbox();
  const names = async () => {
    const list = (await ann(sandbox)("GET", "bots")).json["list"];
    assert.ok(Array.isArray(list));
    return list.map((bot) => Object(bot).name);
  };
  assert.deepEqual(await names(), ["Reviewer", "Helper"]);
  await ann(sandbox)("PUT", "bots/helper_bot", { name: "Handyman" });
  assert.deepEqual(await names(), ["Reviewer", "Handyman"]);
  const token = await ann(sandbox)("GET", "bots/helper_bot/token");
  assert.equal(token.json["bot_token"], sandbox.world.dmwork.tokens.helper_bot);
  await ann(sandbox)("DELETE", "bots/helper_bot");
  assert.deepEqual(await names(), ["Reviewer"]);
  const bobs = sandbox.dmwork.directory.users.get("bob")?.apiKey;
  assert.equal((await ann(sandbox, bobs)("PUT", "bots/reviewer_bot", { name: "x" })).status, 404);
  assert.equal((await ann(sandbox, "uk_wrong")("GET", "bots")).status, 401);
});

test("the words for transcription are the owner's, whichever bot asks", async () => {
  await using sandbox = await startSandbox();
  const { tokens } = sandbox.world.dmwork;
  const voice = (uid: "reviewer_bot" | "helper_bot", method: string, body?: unknown) =>
    call(`${sandbox.urls.dmwork}/v1/bot/voice/context`, { authorization: `Bearer ${tokens[uid]}` }, body, method);
  assert.equal((await voice("helper_bot", "GET")).json["has_context"], false);
  await voice("reviewer_bot", "PUT", { context: "Octo, WuKong" });
  assert.equal((await voice("helper_bot", "GET")).json["context"], "Octo, WuKong");
  assert.equal((await voice("helper_bot", "PUT", { context: " " })).status, 400);
  await voice("helper_bot", "DELETE");
  assert.equal((await voice("reviewer_bot", "GET")).json["has_context"], false);
});
