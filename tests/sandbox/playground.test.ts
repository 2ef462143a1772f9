/** The playground's local API, without a gateway: who is let in, and what people can do. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { GatewayRunner } from "../../sandbox/playground/gateway.ts";
import { Playground } from "../../sandbox/playground/index.ts";
import { modelOf } from "../../sandbox/playground/model.ts";
import type {
  ChatMessage,
  Failure,
  PlaygroundEvent,
  RulesText,
  Said,
  State,
} from "../../sandbox/playground/protocol.ts";

interface Scene extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly playground: Playground;
}

const never = () => Promise.reject(new Error("this story has no gateway"));

async function scene(): Promise<Scene> {
  const sandbox = await startSandbox();
  const model = await modelOf(sandbox, {});
  const gateway = new GatewayRunner(never, { modelUrl: model.url, channels: {} });
  const playground = await Playground.open({ sandbox, gateway, model });
  const close = async () => {
    await playground[Symbol.asyncDispose]();
    await sandbox.close();
  };
  return { sandbox, playground, [Symbol.asyncDispose]: close };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A request with any headers, as no browser would send it. */
function send(url: string, headers: Readonly<Record<string, string>> = {}, method = "GET", body = ""): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const call = request(url, { method, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
    );
  });
  call.on("error", reject);
  call.end(body);
  return promise;
}

const JSON_TYPE = { "content-type": "application/json" };

async function post<T>({ playground }: Scene, call: string, body: object): Promise<T> {
  const { status, text } = await send(`${playground.url}api/${call}`, JSON_TYPE, "POST", JSON.stringify(body));
  assert.equal(status, 200, text);
  return JSON.parse(text) as T;
}

async function refused({ playground }: Scene, call: string, body: object): Promise<string> {
  const { status, text } = await send(`${playground.url}api/${call}`, JSON_TYPE, "POST", JSON.stringify(body));
  assert.ok(status >= 400, text);
  return (JSON.parse(text) as Failure).error;
}

/** Shown messages of a room, as a page that opens now gets them. */
async function messages({ playground }: Scene, room: string): Promise<readonly ChatMessage[]> {
  const state = await stateOf(playground);
  return state.messages.filter((message) => message.room === room);
}

async function stateOf(playground: Playground): Promise<State> {
  const stop = new AbortController();
  const { body } = await fetch(`${playground.url}api/events`, { signal: stop.signal });
  let text = "";
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    if (text.includes("\n\n")) break;
  }
  stop.abort();
  const event = JSON.parse(text.slice("data: ".length, text.indexOf("\n\n"))) as PlaygroundEvent;
  assert.ok(event.type === "state");
  return event.state;
}

test("only who knows the key gets anything", async () => {
  await using stage = await scene();
  const { url } = stage.playground;
  const { origin, pathname } = new URL(url);
  for (const path of ["/", "/api/events", `${pathname.slice(0, -2)}x/`, `/x${pathname.slice(1)}api/events`]) {
    assert.equal((await send(`${origin}${path}`)).status, 404, path);
  }
  const call = await send(`${origin}/api/say`, JSON_TYPE, "POST", "{}");
  assert.equal(call.status, 404);
});

test("a name that was pointed at this machine gets nothing, even with the key", async () => {
  await using stage = await scene();
  const { url } = stage.playground;
  const { port } = new URL(url);
  assert.equal((await send(`${url}api/group-md?room=dmwork-group`)).status, 200);
  assert.equal((await send(`${url}api/group-md?room=dmwork-group`, { host: `localhost:${port}` })).status, 200);
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1"]) {
    assert.equal((await send(`${url}api/group-md?room=dmwork-group`, { host })).status, 404, host);
  }
});

test("a page of another origin can't make calls, nor can a form", async () => {
  await using stage = await scene();
  const { url } = stage.playground;
  const words = JSON.stringify({ room: "dmwork-group", from: "ann", text: "hello" });
  const say = (headers: Readonly<Record<string, string>>) => send(`${url}api/say`, headers, "POST", words);
  assert.equal((await say({ ...JSON_TYPE, origin: "https://evil.example" })).status, 403);
  assert.equal((await say({ ...JSON_TYPE, origin: "null" })).status, 403);
  assert.equal((await say({ "content-type": "text/plain" })).status, 415);
  const own = await say({ ...JSON_TYPE, origin: new URL(url).origin });
  assert.equal(own.status, 200);
  assert.equal(own.headers["access-control-allow-origin"], undefined);
  assert.match(String(own.headers["content-security-policy"]), /default-src 'none'/);
});

test("the page's folder is all that is served", async () => {
  await using stage = await scene();
  const { origin, pathname } = new URL(stage.playground.url);
  for (const path of ["../index.ts", "%2e%2e/index.ts", "..%2findex.ts", ".hidden", "nothing.css", "index.html/"]) {
    assert.equal((await send(`${origin}${pathname}${path}`)).status, 404, path);
  }
});

test("a page that opens learns who there is, where they can talk, and what was said", async () => {
  await using stage = await scene();
  await post<Said>(stage, "say", { room: "dmwork-group", from: "chen", text: "你好" });
  const state = await stateOf(stage.playground);
  assert.deepEqual(
    state.people.map(({ id }) => id),
    ["ann", "bob", "chen"],
  );
  assert.deepEqual(
    state.bots.map(({ id, isConnected, firstConnectedAt }) => [id, isConnected, firstConnectedAt]),
    ["claw", "scout", "reviewer", "helper"].map((id) => [id, false, null]),
  );
  const roomsOf = (person: string) =>
    state.rooms.filter(({ people }) => people.includes(person)).map(({ kind }) => kind);
  for (const person of ["ann", "bob", "chen"]) {
    assert.deepEqual(roomsOf(person).toSorted(), [
      "direct",
      "direct",
      "direct",
      "group",
      "panel",
      "panel",
      "session",
      "thread",
    ]);
  }
  assert.deepEqual(
    state.messages.map(({ room, from, text }) => [room, from, text]),
    [["dmwork-group", "chen", "你好"]],
  );
  assert.equal(state.counters.said, 1);
});

test("each platform gets a mention, a quote and a file as its own client sends them", async () => {
  await using stage = await scene();
  const { mochat, dmwork, world } = stage.sandbox;
  const file = { name: "plan.txt", type: "text/plain", base64: Buffer.from("the plan").toString("base64") };

  const first = await post<Said>(stage, "say", { room: "mochat-build", from: "bob", text: "the plan?" });
  const words = {
    room: "mochat-build",
    from: "ann",
    text: "@scout here",
    mentions: ["scout"],
    quote: first.messageId,
    file,
  };
  const inMochat = await post<Said>(stage, "say", words);
  const { content, meta } = mochat.exchange.conversation(world.mochat.panels.build).find(inMochat.messageId) ?? {};
  assert.match(
    String(content),
    new RegExp(`^\\[at=${world.mochat.agents.scout.userId}\\]scout\\[/at\\] here \\[card type=file `),
  );
  assert.deepEqual(meta?.["mentions"], [world.mochat.agents.scout.userId]);
  const [, shown] = await messages(stage, "mochat-build");
  assert.equal(shown?.text, "@scout here");
  assert.deepEqual(shown?.quote, { id: first.messageId, from: "bob", text: "the plan?" });
  assert.equal(shown?.file?.name, "plan.txt");

  const question = { room: "dmwork-thread", from: "ann", text: "@Helper look", mentions: ["helper", "all"], file };
  const inDmwork = await post<Said>(stage, "say", question);
  const payload = dmwork.office.log.find(BigInt(inDmwork.messageId))?.payload.toString("utf8");
  assert.deepEqual(JSON.parse(payload ?? ""), {
    type: 1,
    content: "@Helper look",
    mention: { uids: ["helper_bot"], all: 1 },
  });
  const [attached] = await messages(stage, "dmwork-thread");
  const bytes = await send(`${stage.playground.url}${attached?.file?.url}`);
  assert.equal(bytes.text, "the plan");
  assert.match(String(bytes.headers["content-disposition"]), /^attachment; filename\*=UTF-8''plan\.txt$/);
});

test("only its author takes a message back, and every page sees it", async () => {
  await using stage = await scene();
  for (const room of ["mochat-random", "dmwork-group"]) {
    const { messageId } = await post<Said>(stage, "say", { room, from: "bob", text: "oops" });
    assert.match(await refused(stage, "recall", { room, messageId, by: "ann" }), /only bob, who wrote/);
    await post(stage, "recall", { room, messageId, by: "bob" });
    const [message] = await messages(stage, room);
    assert.equal(message?.isRecalled, true);
  }
});

test("the rules of a group and of its thread are written and read, and their bots are told", async () => {
  await using stage = await scene();
  const { log } = stage.sandbox.dmwork.office;
  for (const [room, event] of [
    ["dmwork-group", "group_md_updated"],
    ["dmwork-thread", "thread_md_updated"],
  ] as const) {
    const channel = stage.playground.rooms.get(room)?.channel ?? "";
    const written = await post<RulesText>(stage, "group-md", { room, text: "Be kind." });
    assert.deepEqual(written, { room, text: "Be kind.", version: 1 });
    const read = await send(`${stage.playground.url}api/group-md?room=${room}`);
    assert.deepEqual(JSON.parse(read.text), written);
    const type = room === "dmwork-group" ? 2 : 5;
    const [notice] = log.page(type, channel, "", { start: 0, end: 0, limit: 1, pullMode: 0 });
    const payload = JSON.parse(notice?.payload.toString("utf8") ?? "{}") as { event?: { type: string } };
    assert.equal(payload.event?.type, event);
  }
  assert.match(await refused(stage, "group-md", { room: "mochat-team", text: "x" }), /has no GROUP\.md/);
  assert.match(
    await refused(stage, "group-md", { room: "dmwork-group", text: "x".repeat(10_241) }),
    /at most 10240 bytes/,
  );
});

test("what can't work is refused in a sentence that names the field", async () => {
  await using stage = await scene();
  const words = { room: "dmwork-group", from: "ann", text: "hello" };
  const cases: [call: string, body: object, sentence: RegExp][] = [
    ["say", { ...words, room: "attic" }, /^room: there is no attic; there are /],
    ["say", { ...words, from: "zoe" }, /^from: zoe is not in dmwork-group; there are ann, bob, chen$/],
    ["say", { ...words, room: "dmwork-helper-bob" }, /^from: ann is not in /],
    ["say", { ...words, text: " " }, /^text: write something/],
    ["say", { ...words, text: 7 }, /^text must be a string$/],
    ["say", { ...words, mentions: ["zoe"] }, /^mentions: nobody in dmwork-group is called zoe/],
    ["say", { room: "mochat-team", from: "ann", text: "x", mentions: ["all"] }, /^mentions: nobody in mochat-team/],
    ["say", { ...words, quote: "1" }, /^quote: dmwork-group has no message 1$/],
    ["say", { ...words, file: { name: "a.txt", base64: "" } }, /^base64 must be a non-empty string$/],
    ["say", { ...words, file: { name: "a.txt", base64: "Zm9v".repeat(1_800_000) } }, /at most 5 MB/],
    ["trouble", { what: "fire" }, /^what must be one of cut, /],
    ["trouble", { what: "kill" }, /^what: the gateway is installing; wait until it is ready$/],
    ["setting", { bot: "zoe", key: "historyLimit", value: 1 }, /^bot: there is no zoe/],
    ["setting", { bot: "claw", key: "clawToken", value: "x" }, /^key: claw has no setting clawToken/],
    [
      "setting",
      { bot: "claw", key: "historyLimit", value: 900 },
      /^value: historyLimit must be a whole number from 0 to 200$/,
    ],
    ["setting", { bot: "claw", key: "replyDelayMode", value: "now" }, /^value: replyDelayMode must be one of off, /],
    ["setting", { bot: "claw", key: "mentionByQuote", value: "yes" }, /^value: mentionByQuote must be true or false$/],
    ["setting", { bot: "claw", key: "historyLimit", value: 1 }, /not installed yet/],
  ];
  for (const [call, body, sentence] of cases) assert.match(await refused(stage, call, body), sentence);
});

test("a platform that is cut off is reachable again by the next button", async () => {
  await using stage = await scene();
  const { urls } = stage.sandbox;
  await post(stage, "trouble", { what: "cut", on: "mochat" });
  await assert.rejects(fetch(urls.mochat));
  assert.deepEqual((await stateOf(stage.playground)).cut, ["mochat"]);
  await post(stage, "trouble", { what: "restore" });
  assert.equal((await fetch(urls.mochat)).status, 404);
  assert.deepEqual((await stateOf(stage.playground)).cut, []);
});

test("a real model is asked through this process, which keeps its key, and what it is asked is shown", async () => {
  await using real = await startSandbox({ rules: [{ when: /ping/, reply: ["po", "ng"] }] });
  await using sandbox = await startSandbox();
  process.env["PLAYGROUND_MODEL_KEY"] = "sk-of-the-person";
  try {
    await using model = await modelOf(sandbox, { url: `${real.urls.model}/`, name: "their-model" });
    assert.deepEqual(model.info, { isScripted: false, url: real.urls.model, name: "their-model" });
    const asked: string[] = [];
    model.listeners.add((chat) => asked.push(chat.asked));
    const body = { model: "scripted", stream: true, messages: [{ role: "user", content: "ping" }] };
    const headers = { ...JSON_TYPE, authorization: "Bearer of-the-gateway" };
    const answer = await send(`${model.url}/chat/completions`, headers, "POST", JSON.stringify(body));
    assert.equal(answer.headers["content-type"], "text/event-stream");
    assert.match(answer.text, /"content":"po"[^]*"content":"ng"[^]*\[DONE\]/);
    assert.deepEqual(asked, ["ping"]);
    const [received] = real.ledger.find({ kind: "received", who: "their-model" });
    assert.equal(received?.data["credential"], "…rson");
    assert.doesNotMatch(JSON.stringify(sandbox.ledger.entries()), /sk-of-the-person/);
    assert.equal((await send(`${model.url}/models`)).status, 404);
  } finally {
    delete process.env["PLAYGROUND_MODEL_KEY"];
  }
  await assert.rejects(
    modelOf(sandbox, { url: "nowhere" }),
    /^Error: --model: nowhere is no address; give a base URL such as/,
  );
});

test("a model that can't be reached is said so to the gateway", async () => {
  await using sandbox = await startSandbox();
  await using model = await modelOf(sandbox, { url: "http://127.0.0.1:9/v1" });
  const body = JSON.stringify({ messages: [{ role: "user", content: "ping" }] });
  const answer = await send(`${model.url}/chat/completions`, JSON_TYPE, "POST", body);
  assert.equal(answer.status, 502);
  assert.match(answer.text, /the model did not answer: /);
});
