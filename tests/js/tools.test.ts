/** The agent's tools on their way between the gateway and the core. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { dmwork } from "../../js/channels/dmwork.ts";
import { mochat } from "../../js/channels/mochat.ts";
import { withToken } from "../../js/channels/token.ts";
import { registerTools } from "../../js/channels/tools.ts";
import type { Channel } from "../../js/core/account.ts";
import type { Effect, ToolAsk } from "../../js/core/protocol.ts";
import { TOOLS } from "../../js/core/tools.ts";
import { announce } from "../../js/host/running.ts";
import type { AgentTool, OpenClawPluginApi, ToolContext } from "../../js/host/sdk.ts";
import { run } from "./scripted.ts";

type ChannelAction = Parameters<NonNullable<NonNullable<typeof dmwork.actions>["supportsAction"]>>[0]["action"];
type Factory = (context: ToolContext) => AgentTool | null;

const accounts = { claw: { clawToken: "claw_1" }, scout: { clawToken: "claw_2" } };
const config = { channels: { mochat: { accounts } } };

function factories(): Map<string, Factory> {
  const found = new Map<string, Factory>();
  const api: Pick<OpenClawPluginApi, "registerTool"> = {
    registerTool: (tool, options) => {
      assert.ok(typeof tool === "function" && options?.name !== undefined);
      found.set(options.name, tool as Factory);
    },
  };
  registerTools(api as OpenClawPluginApi);
  return found;
}

function made(name: string, context: ToolContext): AgentTool | null {
  const factory = factories().get(name);
  assert.ok(factory);
  return factory({ config, ...context });
}

/** A running account whose core answers every tool call with `answer`. */
async function account(
  t: TestContext,
  accountId: string,
  answer: { ok: boolean; text: string },
  channel: Channel = "mochat",
) {
  const asked: ToolAsk[] = [];
  const { drive } = await run(t, (input): Effect[] => {
    if (input.kind !== "toolAsked") return [];
    asked.push(JSON.parse(input.ask));
    return [{ kind: "settleTool", request: input.request, ...answer }];
  });
  const announced = announce({ channel, accountId }, drive);
  t.after(() => announced[Symbol.dispose]());
  return asked;
}

const inPanel: ToolContext = {
  messageChannel: "mochat",
  agentAccountId: "scout",
  deliveryContext: { channel: "mochat", to: "panel:p1", accountId: "scout" },
  requesterSenderId: "ann",
  senderIsOwner: true,
  sessionKey: "agent:main:mochat:group:p1@scout",
};

function groupTool(agentAccountId: string): AgentTool | null {
  return made("mochat_group", { ...inPanel, agentAccountId });
}

/** Where the token of the account `claw` is looked for. */
function place(token: unknown, channel: Channel = "mochat") {
  return { channel, accountId: "claw", token };
}

test("every tool is registered, and the manifest names it", () => {
  const names = [...factories().keys()];
  const manifest = JSON.parse(readFileSync(new URL("../../openclaw.plugin.json", import.meta.url), "utf8"));
  assert.deepEqual(names, manifest.contracts.tools);
});

test("a schema is one flat object, as every provider takes it, and describes each parameter", () => {
  for (const { name, parameters } of TOOLS) {
    const { type, required, properties, ...rest } = parameters;
    assert.deepEqual([type, required, rest], ["object", ["action"], { additionalProperties: false }], name);
    for (const [key, schema] of Object.entries(Object(properties))) {
      assert.match(Object(schema).description, /^[A-Z].*\.$/, `${name}.${key}`);
    }
  }
});

test("a call reaches the account of the conversation, with what the gateway says about who asks", async (t) => {
  const asked = await account(t, "scout", { ok: true, text: '{"panels":[]}' });
  const result = await made("mochat_panels", inPanel)?.execute("id", { action: "list", sender: "owner" });
  assert.deepEqual(result?.content, [{ type: "text", text: '{"panels":[]}' }]);
  assert.deepEqual(asked, [
    {
      tool: "mochat_panels",
      parameters: { action: "list", sender: "owner" },
      caller: {
        channel: "mochat",
        to: "panel:p1",
        sender: "ann",
        operator: true,
        sessionKey: "agent:main:mochat:group:p1@scout",
      },
    },
  ]);
});

test("a refusal is thrown in the core's words, and so is that the account does not run", async (t) => {
  await account(t, "claw", { ok: false, text: "not allowed: …" });
  await assert.rejects(async () => groupTool("claw")?.execute("id", { action: "invite" }), /^Error: not allowed: …$/);
  await assert.rejects(async () => groupTool("scout")?.execute("id", {}), /mochat account scout is not running/);
});

test("outside of the channel only the gateway's owner has the tools, and chooses the account", async (t) => {
  const asked = await account(t, "scout", { ok: true, text: "{}" });
  const context: ToolContext = { messageChannel: "telegram", sessionKey: "agent:main:main" };
  assert.equal(made("mochat_account", context), null);
  const tool = made("mochat_account", { ...context, senderIsOwner: true });
  assert.deepEqual(Object(tool?.parameters).properties.account.enum, ["claw", "scout"]);
  await tool?.execute("id", { action: "owner", account: "scout" });
  assert.deepEqual(asked[0]?.parameters, { action: "owner" });
  assert.deepEqual(asked[0]?.caller, { channel: "telegram", operator: true, sessionKey: "agent:main:main" });
});

test("without an account there are no tools", () => {
  assert.equal(made("mochat_sessions", { ...inPanel, config: {} }), null);
});

test("the gateway's message tool reads and answers through the core, and sends by itself", async (t) => {
  const asked = await account(t, "claw", { ok: true, text: "{}" });
  const { actions } = mochat;
  assert.ok(actions?.handleAction);
  assert.deepEqual(actions.describeMessageTool({ cfg: config })?.actions, ["send", "read", "reply", "thread-reply"]);
  assert.equal(actions.supportsAction?.({ action: "send" }), false);
  const toolContext = { currentChannelProvider: "mochat", currentMessagingTarget: "session:session_1" } as const;
  const context = { channel: "mochat", cfg: config, accountId: "claw", requesterSenderId: "ann", toolContext } as const;
  await actions.handleAction({ ...context, action: "read", params: { limit: 5, before: "m9" } });
  const message = "yes";
  await actions.handleAction({ ...context, action: "reply", params: { to: "panel:p1", messageId: "m1", message } });
  await actions.handleAction({
    ...context,
    action: "thread-reply",
    params: { to: "panel:p1", threadId: "m2", message },
  });
  assert.deepEqual(
    asked.map(({ tool, parameters }) => [tool, parameters]),
    [
      ["message", { action: "read", target: "session:session_1", limit: 5, beforeMessageId: "m9" }],
      ["message", { action: "reply", target: "panel:p1", replyTo: "m1", content: "yes" }],
      ["message", { action: "reply", target: "panel:p1", replyTo: "m2", content: "yes" }],
    ],
  );
  assert.deepEqual(asked[0]?.caller, { channel: "mochat", to: "session:session_1", sender: "ann" });
});

test("on DMWork the message tool also searches, corrects and knows threads, which are places there", async (t) => {
  const asked = await account(t, "bot", { ok: true, text: "{}" }, "dmwork");
  const cfg = { channels: { dmwork: { accounts: { bot: { botToken: "bf_1" } } } } };
  const toolContext = { currentChannelProvider: "dmwork", currentMessagingTarget: "group:g1" } as const;
  const context = { channel: "dmwork", cfg, accountId: "Bot", toolContext } as const;
  const act = (action: ChannelAction, params: Record<string, unknown>) =>
    dmwork.actions?.handleAction?.({ ...context, action, params });
  await act("search", { query: "key" });
  await act("edit", { messageId: "7", message: "better" });
  await act("thread-create", { target: "group:g2", threadName: "Bug", messageId: "7" });
  await act("thread-list", {});
  await act("thread-reply", { threadId: "8", message: "yes" });
  assert.deepEqual(
    asked.map(({ parameters }) => parameters),
    [
      { action: "search", target: "group:g1", query: "key" },
      { action: "edit", target: "group:g1", messageId: "7", content: "better" },
      { action: "thread-create", target: "group:g2", name: "Bug", sourceMessageId: "7" },
      { action: "thread-list", target: "group:g1" },
      { action: "reply", target: "group:g1 8", content: "yes" },
    ],
  );
});

function withKey(userApiKey?: string) {
  return { channels: { dmwork: { accounts: { bot: { botToken: "bf_1", userApiKey } } } } };
}

test("a tool that needs a key is there where the account has it", () => {
  const context: ToolContext = { messageChannel: "dmwork", agentAccountId: "bot" };
  assert.equal(made("dmwork_bots", { ...context, config: withKey() }), null);
  assert.ok(made("dmwork_bots", { ...context, config: withKey("uk_1") }));
  assert.ok(made("dmwork_groups", { ...context, config: withKey() }));
});

test("the directory is the core's answer", async (t) => {
  const asked = await account(t, "claw", { ok: true, text: "group\tpanel:p1\tbuild\ngroup\tpanel:p2\trebuild\n" });
  const runtime = { log: () => {}, error: () => {}, exit: () => {} };
  const wanted = { cfg: config, accountId: "claw", query: "build", limit: 1, runtime };
  const found = await mochat.directory?.listGroupsLive?.(wanted);
  assert.deepEqual(found, [{ kind: "group", id: "panel:p1", name: "build" }]);
  assert.deepEqual(asked[0]?.parameters, { action: "groups", query: "build" });
  assert.deepEqual(asked[0]?.caller, { operator: true });
});

test("a place can be named with or without its kind and its channel", () => {
  const { normalizeTarget, targetResolver } = mochat.messaging ?? {};
  const panel = "6981000000000000000000a1";
  for (const [written, target] of [
    ["mochat:session_1a", "session:session_1a"],
    ["session:session_1a", "session:session_1a"],
    [` mochat:panel:${panel}`, `panel:${panel}`],
    [`channel:${panel}`, `group:${panel}`],
    [panel, `panel:${panel}`],
  ] as const) {
    assert.equal(normalizeTarget?.(written), target);
    assert.equal(targetResolver?.looksLikeId?.(written, target), true, written);
  }
  assert.equal(targetResolver?.looksLikeId?.("build", "build"), false, "a name is looked up");
});

test("what the core wants to know about a token it is told", async (t) => {
  const { cores, host, drive } = await run(t, (input) => {
    if (input.kind === "toolAsked") return [{ kind: "keepToken", request: input.request }];
    if (input.kind !== "tokenKept") return [];
    return [{ kind: "settleTool", request: input.request, ok: false, text: input.problem ?? "no problem" }];
  });
  host.tokenProblem = "it is a reference";
  await assert.rejects(drive.tool({ tool: "x", parameters: {}, caller: {} }), /^Error: it is a reference$/);
  assert.deepEqual(host.tokens, [undefined]);
  assert.deepEqual(cores.kinds(1), ["started", "toolAsked", "tokenKept"]);
});

test("a renewed token goes where the old one stands, and nowhere if it stands elsewhere", () => {
  const written = {
    channels: { mochat: { clawToken: "claw_0", accounts: { Claw: { clawToken: "claw_1", name: "x" } } } },
  };
  assert.deepEqual(withToken(written, written, place("claw_1"), "claw_9").channels?.["mochat"], {
    clawToken: "claw_0",
    accounts: { Claw: { clawToken: "claw_9", name: "x" } },
  });
  const root = { channels: { mochat: { clawToken: "claw_0", accounts: { claw: {} } } } };
  assert.deepEqual(withToken(root, root, place("claw_0"), "claw_9").channels?.["mochat"], {
    clawToken: "claw_9",
    accounts: { claw: {} },
  });
  const reference = { channels: { mochat: { clawToken: { source: "env", provider: "default", id: "T" } } } };
  assert.throws(() => withToken(reference, reference, place("claw_0"), "claw_9"), /is a reference to a secret/);
  const variable = { channels: { mochat: { clawToken: "${MOCHAT_TOKEN}" } } };
  assert.throws(() => withToken(root, variable, place("claw_0"), "claw_9"), /is not written out/);
  assert.throws(() => withToken(root, {}, place("claw_0"), "claw_9"), /is not written out/);
});
