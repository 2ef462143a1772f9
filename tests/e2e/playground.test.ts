/** The playground in front of the real gateway: what its page is told is what the plugin did. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { channels } from "../../sandbox/channels.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { GatewayRunner } from "../../sandbox/playground/gateway.ts";
import { Playground } from "../../sandbox/playground/index.ts";
import { modelOf } from "../../sandbox/playground/model.ts";
import type { Counters, PlaygroundEvent, Prompt, Said, Trace } from "../../sandbox/playground/protocol.ts";
import { namedRules } from "../../sandbox/playground/questions.ts";
import { PATIENCE, tarball } from "./support.ts";

/** After a crash the gateway starts, resumes its turns, and answers what was asked meanwhile; what is offered again waits a minute. */
const WHOLE_MS = 300_000;

type Event<T extends PlaygroundEvent["type"]> = Extract<PlaygroundEvent, { type: T }>;

/** A page without a screen: it makes calls, and remembers what it was told. */
class Page implements AsyncDisposable {
  readonly #url: string;
  readonly #stop = new AbortController();
  readonly #told: PlaygroundEvent[] = [];
  readonly #waits = new Set<() => void>();
  readonly #reading: Promise<void>;

  constructor(url: string) {
    this.#url = url;
    this.#reading = this.#read();
  }

  async get<T>(call: string): Promise<T> {
    return (await (await fetch(`${this.#url}api/${call}`)).json()) as T;
  }

  async post<T>(call: string, body: object): Promise<T> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.#url}api/${call}`, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text) as T;
  }

  async say(room: string, from: string, text: string, mentions: string[] = []): Promise<string> {
    return (await this.post<Said>("say", { room, from, text, mentions })).messageId;
  }

  /** The latest of this kind that fits, told already or still to come. */
  async until<T extends PlaygroundEvent["type"]>(type: T, fits: (event: Event<T>) => boolean): Promise<Event<T>> {
    const deadline = Date.now() + WHOLE_MS;
    const timer = setTimeout(() => this.#wake(), WHOLE_MS);
    try {
      for (;;) {
        const found = this.#told.findLast((event): event is Event<T> => event.type === type && fits(event as Event<T>));
        if (found !== undefined) return found;
        if (Date.now() >= deadline) throw new Error(`never told: ${type} ${fits.toString()}\n${this.#last(type)}`);
        await new Promise<void>((resolve) => this.#waits.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #last(type: PlaygroundEvent["type"]): string {
    return JSON.stringify(this.#told.filter((event) => event.type === type).slice(-5), null, 1);
  }

  #wake(): void {
    for (const resolve of this.#waits) resolve();
    this.#waits.clear();
  }

  async trace(bot: string, id: string, fits: (trace: Trace) => boolean): Promise<Trace> {
    return (await this.until("trace", ({ trace }) => trace.bot === bot && trace.path.id === id && fits(trace))).trace;
  }

  async counters(fits: (counters: Counters) => boolean): Promise<Counters> {
    return (await this.until("counters", ({ counters }) => fits(counters))).counters;
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.#told.length = 0;
  }

  async #read(): Promise<void> {
    let text = "";
    try {
      const { body } = await fetch(`${this.#url}api/events`, { signal: this.#stop.signal });
      const decoder = new TextDecoder();
      for await (const chunk of body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          if (event.startsWith("data: ")) this.#told.push(JSON.parse(event.slice("data: ".length)) as PlaygroundEvent);
        }
        this.#wake();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }
}

test("a page sees why the plugin does what it does, changes it on the spot, and loses nothing by kill -9", async () => {
  const homes = await mkdtemp(join(tmpdir(), "playground-homes-"));
  try {
    const rules = [...namedRules, { when: /\S/, reply: "Yes." }];
    await using sandbox = await startSandbox({ rules });
    await using model = await modelOf(sandbox, {});
    await using gateway = new GatewayRunner(() => OpenClaw.installOnce(tarball(), homes), {
      modelUrl: model.url,
      channels: channels(sandbox, { replyDelayMs: 2_000 }),
    });
    await using playground = await Playground.open({ sandbox, gateway, model });
    await using page = new Page(playground.url);
    await gateway.open();
    await page.until("bots", ({ bots }) => bots.every(({ isConnected }) => isConnected));
    // Bots that listen for the first time look around first.
    await sandbox.ledger.until(() => playground.counters.isEverybodyAttentive, PATIENCE.deadlineMs);
    await watches(page);
    await switches(page);
    await kills(page, playground);
  } finally {
    await rm(homes, { recursive: true, force: true });
  }
});

async function watches(page: Page): Promise<void> {
  const small = await page.say("dmwork-group", "bob", "the lift is broken");
  const kept = await page.trace("reviewer", small, ({ path }) => path.standing === "kept");
  assert.equal(kept.path.reason, "not-mentioned");
  assert.equal(kept.configKey, "groups.<id>.requireMention");
  assert.ok(kept.settings.includes("requireMention"));
  assert.match(kept.sentence ?? "", /mention/i);

  const asked = await page.say("dmwork-group", "ann", "@Reviewer ask:q1", ["reviewer"]);
  const { path } = await page.trace("reviewer", asked, ({ isOver }) => isOver);
  assert.deepEqual([path.standing, path.verdict, path.reason], ["done", "answer", "mentioned"]);
  const { turn } = path;
  const moments = [path.receivedAt, path.committedAt, path.judgedAt, turn?.offeredAt, turn?.adoptedAt];
  assert.ok(
    moments.every((moment) => typeof moment === "number"),
    JSON.stringify(path),
  );
  const [sent] = turn?.sends.flatMap(({ messageIds }) => messageIds) ?? [];
  const { message } = await page.until("message", ({ message: { id } }) => id === sent);
  assert.deepEqual([message.room, message.from], ["dmwork-group", "reviewer"]);
  assert.match(message.text, /told:q1$/);
  // The small talk went along as context, and the page shows the very words.
  const prompt = await page.get<Prompt>(`prompt?bot=reviewer&turn=${turn?.id}`);
  assert.ok(
    prompt.requests.some(({ messages }) => messages.some(({ content }) => content.includes("the lift is broken"))),
  );

  const waiting = await page.say("mochat-build", "bob", "the nightly build is red");
  const countdown = await page.trace("claw", waiting, ({ path: { waitUntil } }) => waitUntil !== null);
  assert.ok((countdown.path.waitUntil ?? 0) > countdown.path.receivedAt);
  assert.ok(countdown.settings.includes("replyDelayMs"));
  await page.trace("claw", waiting, ({ isOver }) => isOver);
}

/** The same words, before and after. */
async function switches(page: Page): Promise<void> {
  const words = ["dmwork-thread", "bob", "who is there?"] as const;
  const before = await page.trace("helper", await page.say(...words), ({ path }) => path.verdict !== null);
  assert.equal(before.path.verdict, "remember");
  page.forget();
  await page.post("setting", { bot: "helper", key: "requireMention", value: false });
  // The gateway starts the account again with its new configuration.
  const isUp = (up: boolean) =>
    page.until("bots", ({ bots }) => bots.some(({ id, isConnected }) => id === "helper" && isConnected === up));
  await isUp(false);
  page.forget();
  await isUp(true);
  const after = await page.trace("helper", await page.say(...words), ({ path }) => path.verdict !== null);
  assert.deepEqual([after.path.verdict, after.path.reason], ["answer", "no-mention-needed"]);
}

async function kills(page: Page, { rooms }: Playground): Promise<void> {
  await page.counters(({ waiting }) => waiting === 0);
  const asks = rooms.spots.map(({ id, people, bots, kind }, nth) => {
    const mentions = kind === "direct" ? [] : [...bots];
    return () => page.say(id, people[nth % people.length] ?? "", `ask:q${100 + nth}`, mentions);
  });
  const half = Math.floor(asks.length / 2);
  for (const ask of asks.slice(0, half)) await ask();
  await page.until("trace", ({ trace: { path } }) => path.turn?.adoptedAt != null && path.turn.endedAt === null);
  page.forget();
  await page.post("trouble", { what: "kill" });
  await page.until("gateway", ({ gateway: { state } }) => state === "stopped");
  for (const ask of asks.slice(half)) await ask();
  await page.until("gateway", ({ gateway: { state } }) => state === "ready");
  const { said, owed, answered, lost, twice, blemishes } = await page.counters(
    (counters) => counters.waiting === 0 && counters.said > asks.length,
  );
  assert.deepEqual({ lost, twice, blemishes }, { lost: 0, twice: 0, blemishes: [] });
  assert.equal(answered, owed);
  assert.ok(said > asks.length);
}
