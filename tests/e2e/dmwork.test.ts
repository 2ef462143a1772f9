/** DMWork in the real gateway: two bots in all kinds of places, through whatever a server and a machine can do. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { LedgerEntry } from "../../sandbox/ledger.ts";
import type { ChatRequest, Rule } from "../../sandbox/model-script.ts";
import { accepted, online, PATIENCE, reply, stage, type Stage } from "./support.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Ae/FtwsAAAAASUVORK5CYII=",
  "base64",
);

/** Whoever is kicked waits for one to two minutes: another client may have taken over. */
const KICKED_MS = 150_000;

/** What the gateway says before it goes on with what a crash interrupted. */
const GATEWAYS_OWN = /continuing your interrupted request/;
/** What it says to a question that it took in the moment in which it was told to stop: an answer, if not the agent's. */
const STOPPING = /Gateway is restarting/;

/** The newest question of the conversation: after a crash the gateway asks the model to go on, without saying with what. */
function newest({ messages }: ChatRequest): string {
  const asked = messages
    .filter(({ role }) => role === "user")
    .flatMap(({ content }) => content.match(/ask:\w+/g) ?? []);
  return asked.at(-1)?.slice("ask:".length) ?? "nothing";
}

function answer(request: ChatRequest): string {
  const name = newest(request);
  return name.endsWith("file") ? `told ${name}\nMEDIA:./chart.png` : `told ${name}`;
}

const RULES: Rule[] = [
  // Released after the crash: the first requests die with the gateway.
  { when: /ask:crash\w+(?![^]*ask:)/, reply: answer, hold: "thinking" },
  { when: /[^]*/, reply: answer },
];

/** One question, and where each bot that it is for has to answer. */
interface Expected {
  name: string;
  who: string;
  place: string;
}

/** Asks in every kind of place, and counts what is answered, by whom and where. */
class Round {
  readonly expected: Expected[] = [];
  readonly #scene: Stage;
  readonly #mark: number;

  constructor(scene: Stage) {
    this.#scene = scene;
    this.#mark = scene.sandbox.ledger.last;
  }

  ask(round: string): void {
    const { control, world } = this.#scene.sandbox;
    const { groupNo, threadChannel } = world.dmwork;
    const both = ["reviewer_bot", "helper_bot"];
    const say = (from: string, to: object, place: string, name: string, bots: string[], more: object = {}) => {
      control.say({ on: "dmwork", from, text: `ask:${name}`, ...to, ...more });
      for (const who of bots) this.expected.push({ name, who, place });
    };
    say("bob", { dm: "reviewer_bot" }, "1 bob", `${round}dm`, ["reviewer_bot"]);
    say("ann", { dm: "helper_bot" }, "1 ann", `${round}owner`, ["helper_bot"]);
    say("bob", { group: groupNo, mention: both }, `2 ${groupNo}`, `${round}group`, both);
    say("ann", { thread: threadChannel, mention: both }, `5 ${threadChannel}`, `${round}thread`, both);
    const name = `${round}file`;
    const content = [
      { type: "text", text: `ask:${name}` },
      { type: "image", url: "file/preview/chat/1.png" },
    ];
    const payload = { type: 14, plain: `ask:${name}`, content };
    say("sales_ann", { dm: "reviewer_bot" }, "1 sales_ann", name, ["reviewer_bot"], { payload });
  }

  /** Until everything that was asked is answered. */
  async settle(): Promise<void> {
    const { sandbox, claw } = this.#scene;
    try {
      await sandbox.ledger.until(() => this.#missing().length === 0, PATIENCE.deadlineMs);
    } catch (error) {
      const missing = this.#missing().map(({ name, who }) => `${name} by ${who}`);
      const posts = this.#posts().map(({ who, place, text }) => `${who} in ${place}: ${text}`);
      throw new Error([`no answer: ${missing.join(", ")}`, ...posts, claw.tail()].join("\n"), { cause: error });
    }
  }

  #posts(): Post[] {
    return this.#scene.sandbox.ledger.find(accepted(reply.dmwork), this.#mark).map(read);
  }

  /** What is not answered, or not with its picture. */
  #missing(): Expected[] {
    const posts = this.#posts();
    const pictures = posts.filter(({ text }) => text.includes("chart.png")).length;
    const files = this.#files(posts);
    const unanswered = this.expected.filter((one) => !posts.some((post) => isTold(post, one) || isRefused(post, one)));
    return unanswered.length === 0 ? files.slice(pictures) : unanswered;
  }

  /** Answers that come with a picture. */
  #files(posts: readonly Post[]): Expected[] {
    return this.expected.filter((one) => one.name.endsWith("file") && posts.some((post) => isTold(post, one)));
  }

  /** Prints the ledger of all rounds, and fails unless it is clean. */
  judge(t: TestContext): void {
    const posts = this.#posts();
    const counts = this.expected.map(
      (one) => posts.filter((post) => isTold(post, one) && post.place === one.place).length,
    );
    const refused = this.expected.filter((one, at) => counts[at] === 0 && posts.some((post) => isRefused(post, one)));
    const lost = this.expected.filter((one, at) => counts[at] === 0 && !refused.includes(one));
    const twice = this.expected.filter((_, at) => (counts[at] ?? 0) > 1);
    const stray = posts.filter((post) => !this.expected.some((one) => fits(post, one)));
    const pictures = posts.filter(({ text }) => text.includes("chart.png")).length;
    const sum = `${this.expected.length} answers and ${pictures} pictures asked for`;
    t.diagnostic(
      `ledger: ${sum}, ${refused.length} refused by the stopping gateway, ${lost.length} lost, ${twice.length} twice, ${stray.length} in the wrong place`,
    );
    assert.deepEqual({ lost, twice, stray }, { lost: [], twice: [], stray: [] });
    assert.equal(pictures, this.#files(posts).length);
  }
}

interface Post {
  who: string;
  place: string;
  text: string;
}

function read({ who, data }: LedgerEntry): Post {
  const request = data["request"] as { channel_type: number; channel_id: string; payload: unknown };
  const { channel_type: type, channel_id: id, payload } = request;
  return { who, place: `${type} ${id}`, text: JSON.stringify(payload) };
}

function isTold(post: Post, { name, who }: Expected): boolean {
  return post.who === who && post.text.includes(`told ${name}"`);
}

function isRefused(post: Post, { name, who, place }: Expected): boolean {
  return name.startsWith("stop") && post.who === who && post.place === place && STOPPING.test(post.text);
}

/** Whether a post is an answer that was asked for, or belongs to one, where it has to be. */
function fits(post: Post, one: Expected): boolean {
  if (post.place !== one.place || post.who !== one.who) return false;
  const isPicture = one.name.endsWith("file") && post.text.includes("chart.png");
  return isTold(post, one) || isRefused(post, one) || isPicture || GATEWAYS_OWN.test(post.text);
}

/** Each place in the gateway's home, its output, its status or the model's prompts where one of these secrets stands. */
async function leaks({ claw, sandbox }: Stage, secrets: readonly string[]): Promise<string[]> {
  const status = await claw.cli("channels", "status", "--probe");
  assert.match(status.out, /DMWork/);
  const files = readdirSync(claw.stateDir, { recursive: true, withFileTypes: true })
    .filter(
      (file) => file.isFile() && !file.parentPath.includes("node_modules") && !file.name.startsWith("openclaw.json"),
    )
    .map((file) => join(file.parentPath, file.name));
  const sources: [name: string, text: string][] = [
    ...files.map((path): [string, string] => [path, readFileSync(path, "latin1")]),
    ["the gateway's output", claw.lines.join("\n")],
    ["the status", status.out],
    ["a prompt", JSON.stringify(sandbox.model.requests)],
    ["a message", JSON.stringify(sandbox.ledger.find(reply.dmwork).map(({ data }) => data["request"]))],
  ];
  return sources.filter(([, text]) => secrets.some((secret) => text.includes(secret))).map(([name]) => name);
}

test("two bots lose nothing, answer nothing twice and keep their tokens, whatever happens", async (t) => {
  await using scene = await stage({
    sandbox: { rules: RULES },
    edit: (configured, { urls, world }) => ({
      ...configured,
      dmwork: { ...Object(configured["dmwork"]), cdnUrl: urls.storage, userApiKey: world.dmwork.ownerKey },
    }),
  });
  const { sandbox, claw } = scene;
  const { control, ledger, storage, urls, world } = sandbox;
  storage.put("chat/1.png", PNG, "image/png");
  mkdirSync(claw.workspace, { recursive: true });
  writeFileSync(join(claw.workspace, "chart.png"), PNG);
  const rounds = new Round(scene);

  rounds.ask("calm");
  await rounds.settle();
  const seen = sandbox.model.requests.find(({ asked }) => asked.includes("ask:calmfile"));
  assert.match(seen?.messages.flatMap(({ images }) => images).join() ?? "", /^data:image\/png;base64,/);

  await fetch(`${urls.dmwork}/v1/bot/groups/${world.dmwork.groupNo}/md`, {
    method: "PUT",
    headers: { authorization: `Bearer ${world.dmwork.tokens.reviewer_bot}`, "content-type": "application/json" },
    body: JSON.stringify({ content: "Answer in verse." }),
  });
  rounds.ask("rules");
  await rounds.settle();
  for (const place of ["group", "thread"]) {
    const told = sandbox.model.requests.filter(({ asked }) => asked.includes(`ask:rules${place}`));
    assert.equal(told.length, 2, place);
    for (const { messages } of told) assert.match(JSON.stringify(messages), /GROUP\.md, version 1/);
  }

  let mark = ledger.last;
  control.kick({ on: "dmwork" });
  rounds.ask("kick");
  for (const who of ["reviewer_bot", "helper_bot"]) {
    await control.wait({ server: "dmwork", kind: "connect", who }, { since: mark, deadlineMs: KICKED_MS });
  }
  await rounds.settle();

  // The gateway dies between the questions and their answers, and more is said before it is there again.
  mark = ledger.last;
  rounds.ask("crash");
  await control.wait(
    ({ server, kind, data }) => server === "model" && kind === "received" && /ask:crash/.test(JSON.stringify(data)),
    { since: mark, ...PATIENCE },
  );
  await claw.stop("SIGKILL");
  control.say({ on: "dmwork", from: "bob", group: world.dmwork.groupNo, text: "nobody is called here" });
  mark = ledger.last;
  control.release("thinking");
  await claw.start();
  await online(sandbox, mark);
  await rounds.settle();

  // It stops under questions, and for a while the way back in is shut.
  rounds.ask("stop");
  await claw.stop("SIGTERM");
  mark = ledger.last;
  control.fail("dmwork", { match: "/register", times: 6, status: 500 });
  control.fail("dmwork", { match: "/register", times: 2, status: 429, retryAfterSeconds: 2 });
  await claw.start();
  await online(sandbox, mark);
  await rounds.settle();

  // One account begins anew under questions, the other doesn't notice.
  mark = ledger.last;
  const change = claw.cli("config", "set", "channels.dmwork.accounts.helper.name", "helper anew");
  await control.wait({ server: "dmwork", kind: "disconnect", who: "helper_bot" }, { since: mark, ...PATIENCE });
  rounds.ask("reload");
  assert.equal((await change).code, 0);
  await rounds.settle();
  assert.deepEqual(ledger.find({ server: "dmwork", kind: "disconnect", who: "reviewer_bot" }, mark), []);

  rounds.ask("last");
  await rounds.settle();
  rounds.judge(t);
  assert.deepEqual(await leaks(scene, [...Object.values(world.dmwork.tokens), world.dmwork.ownerKey]), []);
});
