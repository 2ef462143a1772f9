import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { FaultProxy, type Fault } from "../../sandbox/fault-proxy.ts";
import { endings, scriptOf } from "../../sandbox/fault-script.ts";
import { Random } from "../../sandbox/random.ts";

/** One connection by way of a proxy, with both its ends. */
class Line implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly client: End;
  readonly server: End;
  readonly #close: () => Promise<void>;

  private constructor(proxy: FaultProxy, client: Socket, server: Socket, close: () => Promise<void>) {
    this.proxy = proxy;
    this.client = new End(client);
    this.server = new End(server);
    this.#close = close;
  }

  static async open(): Promise<Line> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    assert(address !== null && typeof address === "object");
    const proxy = await FaultProxy.open(`http://127.0.0.1:${address.port}`);
    const arrived = once(listener, "connection");
    const client = connect({ port: Number(new URL(proxy.url).port), host: "127.0.0.1", allowHalfOpen: true });
    const [server] = (await arrived) as [Socket];
    return new Line(proxy, client, server, async () => {
      client.destroy();
      server.destroy();
      await proxy.close();
      listener.close();
      await once(listener, "close");
    });
  }

  apply(fault: Fault): void {
    this.proxy.apply(fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** One side, and what it was told. */
class End {
  readonly socket: Socket;
  readonly chunks: string[] = [];
  readonly ended: Promise<unknown>;
  readonly broken: Promise<string>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.chunks.push(chunk.toString("latin1")));
    this.ended = once(socket, "end");
    this.ended.catch(() => {});
    this.broken = new Promise((resolve) => {
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    });
  }

  get text(): string {
    return this.chunks.join("");
  }

  say(text: string): void {
    this.socket.write(text, "latin1");
  }

  async hears(text: string): Promise<void> {
    while (!this.text.endsWith(text)) await once(this.socket, "data");
  }
}

test("without a fault everything comes through, both ways, and a FIN as a FIN", async () => {
  await using line = await Line.open();
  line.client.say("question");
  await line.server.hears("question");
  line.client.socket.end();
  await line.server.ended;
  line.server.say("answer");
  await line.client.hears("answer");
  line.server.socket.end();
  await line.client.ended;
  await line.proxy.until(() => line.proxy.deeds.some(({ name }) => name === "gone"));
  assert.deepEqual(
    line.proxy.deeds.map(({ name }) => name),
    ["accept", "gone"],
  );
});

test("a cut lets what is on its way through, and then both sides read a FIN", async () => {
  await using line = await Line.open();
  line.client.say("last words");
  await line.server.hears("last words");
  line.apply({ kind: "cut" });
  await Promise.all([line.client.ended, line.server.ended]);
  assert.equal(line.server.text, "last words");
});

test("a reset breaks both sides at once", async () => {
  await using line = await Line.open();
  line.client.say("hello");
  await line.server.hears("hello");
  line.apply({ kind: "reset" });
  assert.deepEqual(await Promise.all([line.client.broken, line.server.broken]), ["ECONNRESET", "ECONNRESET"]);
});

test("what goes in a forgotten direction gets lost, and the other one still works", async () => {
  for (const [gone, well] of [["up", "down"] as const, ["down", "up"] as const]) {
    await using line = await Line.open();
    const [from, to] = gone === "up" ? [line.client, line.server] : [line.server, line.client];
    line.apply({ kind: "forget", directions: [gone] });
    from.say("into nowhere");
    await line.proxy.until(() => line.proxy.lost === "into nowhere".length);
    to.say(`still ${well}`);
    await from.hears(`still ${well}`);
    assert.equal(to.text, "");
    assert.equal(line.proxy.alive, 0);
  }
});

test("behind a forgotten connection the server doesn't learn that its client has left", async () => {
  await using line = await Line.open();
  line.apply({ kind: "forget", directions: ["up", "down"] });
  line.client.socket.destroy();
  line.server.say("are you there?");
  await line.proxy.until(() => line.proxy.lost > 0);
  assert.equal(line.server.socket.closed, false);
});

test("split bytes arrive one by one, and what follows as it was", async () => {
  await using line = await Line.open();
  line.apply({ kind: "split", direction: "down", bytes: 5 });
  // A byte that is read before the next is sent can't be joined with it on the way.
  const sizes: number[] = [];
  line.client.socket.on("data", (chunk: Buffer) => sizes.push(chunk.length));
  line.server.say("split whole");
  await line.client.hears("split whole");
  assert.equal(line.client.text, "split whole");
  assert.ok(sizes.length > 1, `${sizes.length} chunks`);
});

test("a delayed chunk keeps its place in the order", async () => {
  await using line = await Line.open();
  line.apply({ kind: "delay", direction: "up", ms: 20, chunks: 2 });
  for (const text of ["one ", "two ", "three "]) line.client.say(text);
  await line.server.hears("three ");
  assert.equal(line.server.text, "one two three ");
});

test("a repeated chunk comes twice, once", async () => {
  await using line = await Line.open();
  line.apply({ kind: "repeat", direction: "up" });
  line.client.say("again ");
  await line.server.hears("again again ");
  line.client.say("done");
  await line.server.hears("done");
  assert.equal(line.server.text, "again again done");
});

test("a throttled direction loses nothing, and slows its sender down instead of filling memory", async () => {
  await using line = await Line.open();
  line.apply({ kind: "throttle", direction: "down", bytesPerSecond: 1_000_000, bytes: 50_000 });
  line.server.say("x".repeat(60_000));
  line.server.say("end");
  await line.client.hears("end");
  assert.equal(line.client.text.length, 60_003);
});

const script = (seed: number) => scriptOf(new Random(seed), 40, 4);

test("the same seed makes the same script, with every ending at every target", () => {
  assert.deepEqual(script(7), script(7));
  assert.notDeepEqual(script(7), script(8));
  const drawn = new Set(script(7).map(({ ending, target }) => JSON.stringify([ending, target])));
  assert.equal(drawn.size, endings.length * 4);
});
