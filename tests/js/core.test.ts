/** The wasm driver against real servers on loopback, in the build with faults: see src/wasm/faults.rs. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { Server } from "node:net";
import { after, before as beforeAll, test } from "node:test";
import type { CoreAccount, CoreOptions } from "../../js/core/account.ts";
import type { Step } from "../../js/core/protocol.ts";

type Loader = typeof import("../../js/core/load.ts");

/** Beyond what one answer may take in the driver: src/wasm/exchange.rs. */
const BODY_LIMIT = 4 * 1024 * 1024;

let loader: Loader;
const uncaught: unknown[] = [];

beforeAll(async () => {
  const file = new URL("../../target/faults/dist/core.js", import.meta.url).href;
  loader = await import(file);
  process.on("uncaughtException", (error) => uncaught.push(error));
  process.on("unhandledRejection", (error) => uncaught.push(error));
});

after(() => assert.deepEqual(uncaught, [], "nothing of an instance may reach the process"));

const config = { apiUrl: "https://im.example.com", botToken: "bf_1" };

function open(options: Partial<CoreOptions> = {}): Promise<CoreAccount> {
  return loader.openWasmCore({ channel: "dmwork", accountId: "bot", config, wake: () => {}, ...options });
}

interface Order {
  method?: string;
  url: string;
  token?: string;
  body?: string;
  timeout?: number;
}

interface Outcome {
  status?: number;
  retryAfter?: number | null;
  body?: string;
  unsent?: boolean;
  cause?: string;
}

function fault(core: CoreAccount, order: object): Step {
  return core.handle({ kind: "typingAsked", to: `fault:${JSON.stringify(order)}` });
}

/** Has an account perform a call, waits to be woken, and reads the outcome from the step that pump gives. */
async function perform(order: Order): Promise<Outcome> {
  const woken = Promise.withResolvers<void>();
  using core = await open({ wake: woken.resolve });
  const step = fault(core, { kind: "call", method: "GET", token: "bf_canary", timeout: 5_000, ...order });
  assert.deepEqual(step.effects, [], "the call stays in the driver");
  await woken.promise;
  const [effect] = core.pump().effects;
  assert(effect?.kind === "log");
  const outcome: Outcome = JSON.parse(effect.text);
  return outcome;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server on loopback for the time of one test. */
async function serve(listener: Listener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  assert(address && typeof address === "object");
  return address.port;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}

test("a config error is an Error that names the key and the fix", async () => {
  await assert.rejects(open({ config: { apiUrl: "https://im.example.com" } }), (error) => {
    assert(error instanceof Error);
    assert.match(error.message, /^botToken: is missing\. .*BotFather/);
    return true;
  });
});

test("an input that has not the shape of the protocol is refused, and the account goes on", async () => {
  using core = await open();
  // @ts-expect-error No such input.
  assert.throws(() => core.handle({ kind: "invented" }), /unknown variant `invented`/);
  assert.deepEqual(core.handle({ kind: "woke" }).effects, []);
});

test("a call sends its header and its body, and its answer comes back through pump", async () => {
  let seen = {};
  await using server = await serve(async (request, response) => {
    const { method, url, headers } = request;
    seen = { method, url, token: headers.authorization, type: headers["content-type"], body: await bodyOf(request) };
    response.setHeader("retry-after", "7").writeHead(429).end("später");
  });
  const outcome = await perform({ method: "POST", url: `${server.url}/v1/bot/register?a=1`, body: '{"a":"ä"}' });
  assert.deepEqual(outcome, { status: 429, retryAfter: 7, body: "später" });
  const sent = { method: "POST", url: "/v1/bot/register?a=1", token: "bf_canary" };
  assert.deepEqual(seen, { ...sent, type: "application/json", body: '{"a":"ä"}' });
});

test("a Retry-After date is read as seconds from now", async () => {
  await using server = await serve((_, response) => {
    response
      .setHeader("retry-after", new Date(Date.now() + 60_000).toUTCString())
      .writeHead(503)
      .end();
  });
  const { retryAfter } = await perform({ url: server.url });
  assert(retryAfter && retryAfter > 50 && retryAfter <= 60, String(retryAfter));
});

test("nonsense in Retry-After is no Retry-After, and a date in the past is now", async () => {
  const values = ["soon", "-5", "Sun, 06 Nov 1994 08:49:37 GMT"];
  await using server = await serve((_, response) => {
    response
      .setHeader("retry-after", values.shift() ?? "")
      .writeHead(503)
      .end();
  });
  for (const wanted of [null, null, 0]) assert.equal((await perform({ url: server.url })).retryAfter, wanted);
});

test("a redirect is an answer and takes the token nowhere", async () => {
  let followed = 0;
  await using elsewhere = await serve((_, response) => {
    followed += 1;
    response.end();
  });
  await using server = await serve((_, response) => response.writeHead(302, { location: elsewhere.url }).end());
  assert.equal((await perform({ url: server.url })).status, 302);
  assert.equal(followed, 0);
});

test("a server that never answers is given up on time, and hears of it", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await serve((request) => request.on("close", closed.resolve));
  assert.deepEqual(await perform({ url: server.url, timeout: 100 }), { unsent: false, cause: "timeout" });
  await closed.promise;
});

test("a body that stops midway is given up on time", async () => {
  await using server = await serve((_, response) => response.write("half"));
  assert.deepEqual(await perform({ url: server.url, timeout: 100 }), { unsent: false, cause: "timeout" });
});

test("a body is read up to the limit", async () => {
  await using server = await serve((_, response) => response.end("x".repeat(BODY_LIMIT + 100_000)));
  const { status, body } = await perform({ url: server.url });
  assert.equal(status, 200);
  assert.equal(body?.length, BODY_LIMIT);
});

test("bytes that are not UTF-8 are replaced", async () => {
  await using server = await serve((_, response) => response.end(Buffer.from([0x61, 0xff, 0x62])));
  assert.equal((await perform({ url: server.url })).body, "a\uFFFDb");
});

test("a refused connection keeps its cause and was never sent", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((closed) => server.close(closed));
  const outcome = await perform({ url: `http://127.0.0.1:${port}` });
  assert.deepEqual(outcome, { unsent: true, cause: `connect ECONNREFUSED 127.0.0.1:${port}` });
});

test("a name that doesn't exist was never sent to", async () => {
  const { unsent, cause } = await perform({ url: "http://nowhere.invalid" });
  assert.equal(unsent, true);
  assert.match(cause ?? "", /ENOTFOUND|EAI_AGAIN/);
});

test("a server without TLS where TLS is expected was never sent to", async () => {
  await using server = await serve((_, response) => response.end());
  const { unsent, cause } = await perform({ url: server.url.replace("http:", "https:") });
  assert.equal(unsent, true);
  assert.match(cause ?? "", /ERR_SSL/);
});

test("a port that fetch refuses was never sent to", async () => {
  assert.deepEqual(await perform({ url: "http://127.0.0.1:6667" }), { unsent: true, cause: "bad port" });
});

test("a connection that breaks after the request may have delivered it", async () => {
  await using server = await serve((request) => request.socket.destroy());
  const { unsent, cause } = await perform({ url: server.url });
  assert.equal(unsent, false);
  assert.match(cause ?? "", /other side closed|ECONNRESET/);
});

test("a URL or a token that can't be sent is said without showing the token", async () => {
  const url = await perform({ url: "not a url" });
  assert.equal(url.unsent, true);
  assert.match(url.cause ?? "", /URL/);
  const token = await perform({ url: "http://127.0.0.1:1", token: "bf_can\nary" });
  assert.deepEqual(token, { unsent: true, cause: "the token can't be sent in the header `authorization`" });
});

test("an account is woken when its deadline has come, not before", async () => {
  const woken = Promise.withResolvers<void>();
  using core = await open({ wake: woken.resolve });
  const time = Date.now() + 60;
  assert.equal(fault(core, { kind: "wakeAt", time }).wakeAt, time);
  await woken.promise;
  // Node's timers may be one millisecond early; then pump only sets the timer anew.
  assert(Date.now() >= time - 1);
});

test("a later deadline replaces an earlier one, and no deadline leaves no timer", async () => {
  const woken = Promise.withResolvers<void>();
  using core = await open({ wake: woken.resolve });
  using silent = await open({ wake: () => assert.fail("woken without a deadline") });
  const time = Date.now() + 120;
  fault(core, { kind: "wakeAt", time: Date.now() + 20 });
  fault(core, { kind: "wakeAt", time });
  fault(silent, { kind: "wakeAt", time: Date.now() + 20 });
  fault(silent, { kind: "wakeAt" });
  await woken.promise;
  assert(Date.now() >= time - 1);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

test("an account that is disposed leaves no timer behind", async () => {
  const before = timers();
  const core = await open();
  fault(core, { kind: "wakeAt", time: Date.now() + 60_000 });
  assert.equal(timers(), before + 1);
  core[Symbol.dispose]();
  assert.equal(timers(), before);
  const trapped = await open();
  fault(trapped, { kind: "wakeAt", time: Date.now() + 60_000 });
  assert.throws(() => fault(trapped, { kind: "trap" }));
  trapped[Symbol.dispose]();
  assert.equal(timers(), before);
});

test("a disposed account aborts its calls and is not heard of again", async () => {
  const closed = Promise.withResolvers<void>();
  const received = Promise.withResolvers<void>();
  await using server = await serve((request) => {
    received.resolve();
    request.on("close", closed.resolve);
  });
  const core = await open({ wake: () => assert.fail("woken after its end") });
  fault(core, { kind: "call", method: "GET", url: server.url, token: "bf_1", timeout: 60_000 });
  await received.promise;
  core[Symbol.dispose]();
  core[Symbol.dispose]();
  await closed.promise;
  assert.throws(() => core.pump(), /is closed/);
});

test("a trap throws with its place, and costs no other account", async () => {
  using other = await open({ accountId: "other" });
  const core = await open();
  assert.throws(
    () => fault(core, { kind: "trap" }),
    (error) => {
      assert(error instanceof WebAssembly.RuntimeError);
      assert.match(error.message, /src\/wasm\/faults\.rs:\d+/);
      return true;
    },
  );
  assert.throws(() => core.pump(), WebAssembly.RuntimeError);
  core[Symbol.dispose]();
  assert.deepEqual(other.handle({ kind: "woke" }).effects, []);
  using again = await open();
  assert.deepEqual(again.pump().effects, []);
});

test("a trap in a task wakes the account and throws from pump instead of ending the process", async () => {
  const woken = Promise.withResolvers<void>();
  using core = await open({ wake: woken.resolve });
  fault(core, { kind: "trapInTask" });
  await woken.promise;
  assert.throws(() => core.pump(), WebAssembly.RuntimeError);
});

test("calls under way when their account traps end without a sound", async () => {
  const received = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await using server = await serve(async (_, response) => {
    received.resolve();
    await answer.promise;
    response.end("late");
  });
  const core = await open();
  fault(core, { kind: "call", method: "GET", url: server.url, token: "bf_1", timeout: 60_000 });
  await received.promise;
  assert.throws(() => fault(core, { kind: "trap" }), WebAssembly.RuntimeError);
  core[Symbol.dispose]();
  answer.resolve();
  // Another account's call through the same server passes only after the late answer did.
  assert.equal((await perform({ url: server.url })).body, "late");
});
