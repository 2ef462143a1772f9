import assert from "node:assert/strict";
import { test } from "node:test";
import { routing, type OpenClawConfig } from "../../js/host/sdk.ts";
import { outboundRoute, placeInSessionKey, routeOf } from "../../js/host/session.ts";

const rules = await routing();

function at(accountId: string, to: string) {
  const chat = to.startsWith("user:") ? ("direct" as const) : ("group" as const);
  return { channel: "dmwork", accountId, chat, to, senderId: "ann" };
}

function key(accountId: string, to: string): string {
  return routeOf(rules, {}, at(accountId, to)).sessionKey;
}

/** The session of a Mochat place where the operator joins people who write directly. */
function whenJoined(to: string, chat: "group" | "direct"): string {
  const place = { channel: "mochat", accountId: "one", chat, to, senderId: "ann" } as const;
  return routeOf(rules, { session: { dmScope: "main" } }, place).sessionKey;
}

test("two bots in one group have a session each, and so has each thread", () => {
  assert.equal(key("one", "group:g1"), "agent:main:dmwork:group:g1@one");
  assert.equal(key("two", "group:g1"), "agent:main:dmwork:group:g1@two");
  assert.equal(key("one", "thread:g1____7"), "agent:main:dmwork:group:g1____7@one");
  assert.equal(placeInSessionKey("g1____7@one"), "g1____7");
});

test("a Mochat session of several and a panel have sessions of their own, never the owner's", () => {
  assert.equal(whenJoined("session:session_1", "group"), "agent:main:mochat:group:session_1@one");
  assert.equal(whenJoined("panel:6981", "group"), "agent:main:mochat:group:6981@one");
  assert.equal(whenJoined("session:session_2", "direct"), "agent:main:main");
});

test("people who write directly have a session each, unless the operator joins them", () => {
  assert.equal(key("one", "user:ann"), "agent:main:dmwork:one:direct:ann");
  const joined = routeOf(rules, { session: { dmScope: "main" } }, at("one", "user:ann"));
  assert.equal(joined.sessionKey, "agent:main:main");
});

test("bindings match the group that operators know, and its threads inherit them", () => {
  // As text: under our strict flags the gateway's types know no binding without `acp`.
  const cfg: OpenClawConfig = JSON.parse(`{
    "agents": { "entries": { "main": { "default": true }, "ops": {} } },
    "bindings": [
      { "agentId": "ops", "match": { "channel": "dmwork", "accountId": "*", "peer": { "kind": "group", "id": "g1" } } }
    ]
  }`);
  assert.equal(routeOf(rules, cfg, at("one", "group:g1")).sessionKey, "agent:ops:dmwork:group:g1@one");
  assert.equal(routeOf(rules, cfg, at("one", "thread:g1____7")).agentId, "ops");
  assert.equal(routeOf(rules, cfg, at("one", "group:g2")).agentId, "main");
});

test("a message of the agent's own accord belongs to the session that answers there", () => {
  for (const to of ["user:ann", "group:g1", "thread:g1____7"]) {
    const out = outboundRoute(rules, {}, { channel: "dmwork", accountId: "one", agentId: "main", to });
    assert.equal(out?.sessionKey, key("one", to), to);
    assert.equal(out?.to, to);
  }
  assert.equal(
    outboundRoute(rules, {}, { channel: "mochat", accountId: "one", agentId: "main", to: "session:s1" }),
    null,
  );
});
