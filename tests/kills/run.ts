/** People talk on both platforms to a process that is killed again and again; every message must be heard and answered once. */

import { real, share } from "../client/clock.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { Random } from "../../sandbox/random.ts";
import type { Channel } from "../talk/channels.ts";
import { Speaker } from "../talk/speaker.ts";
import { settingsOf } from "../fleet/settings.ts";
import { Replies } from "../talk/replies.ts";
import { Audit } from "./audit.ts";
import { JournalReader } from "./journal.ts";
import { Life } from "./life.ts";
import { placesOf } from "./places.ts";
import { faultsOf } from "./report.ts";
import { deathsOf, type Death, type Plan } from "./plan.ts";
import type { Orders } from "./victim.ts";

/** What waits in the plugin waits half as long. What is under way keeps some seconds, so that a busy machine changes nothing. */
const PACE = 2;
/** Panels wait for quiet so long, so that deaths meet what waits. */
const BATCH = { replyDelayMode: "non-mention", replyDelayMs: 1_000, replyDelayMaxMs: 3_000 };
/** Messages that are open at most: more would only wait for the machine. */
const OPEN = 80;
/** Between two looks, and the most that is said at each. */
const TICK_MS = 40;
const MOST_AT_ONCE = 3;
/** A point that is not passed in this time is not passed at all, also on a busy machine. */
const PASSED_WITHIN_MS = 40_000;
/** Messages of which some are in the queue of a server, whoever they are for. */
const UNHEARD = 40;
const ACCOUNTS = 2;
/** Real time without anything new after which nothing more is expected. */
const STALL_MS = 60_000;
/** Whatever would answer twice has had its time after this. */
const AFTERWARDS_MS = 3_000;

export type Outcome = {
  plan: Plan;
  places: readonly Channel[];
  audit: Audit;
  replies: Replies;
  deaths: { byChance: number; named: string[] };
  seconds: number;
  /** What went wrong with the run itself. */
  errors: string[];
};

export async function kills(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  const clock = { since: real.now(), times: PACE };
  share(clock.since, clock.times);
  const folder = mkdtempSync(join(tmpdir(), "kills-"));
  // Both lines of DMWork's servers in turn.
  await using sandbox = await startSandbox({ dmwork: { line: plan.seed % 2 === 0 ? "v3" : "v2" } });
  const run = new Kills(plan, sandbox, { folder, clock }, progress);
  await run.all().catch((error: unknown) => run.errors.push(String(error)));
  run.stop();
  const outcome = run.outcome();
  if (faultsOf(outcome).length === 0) rmSync(folder, { recursive: true });
  else progress(`the stores and the journal are kept in ${folder}`);
  return outcome;
}

class Kills {
  readonly errors: string[] = [];
  readonly #plan: Plan;
  readonly #places: Channel[];
  readonly #audit = new Audit();
  readonly #replies: Replies;
  readonly #speaker: Speaker;
  readonly #random: Random;
  readonly #orders: Orders;
  readonly #journal: JournalReader;
  readonly #progress: (line: string) => void;
  readonly #deaths = { byChance: 0, named: [] as string[] };
  readonly #startedAt = performance.now();
  #life: Life | undefined;

  constructor(plan: Plan, sandbox: Sandbox, where: Pick<Orders, "folder" | "clock">, progress: (line: string) => void) {
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    this.#progress = progress;
    this.#replies = new Replies(sandbox.ledger, /told:\w+#\d+/);
    this.#places = placesOf(sandbox).map((place) => this.#dated(place));
    this.#speaker = new Speaker(this.#places, this.#random);
    const journal = join(where.folder, "journal.jsonl");
    this.#orders = {
      ...where,
      journal,
      remembers: plan.remembers,
      seed: plan.seed,
      configs: {
        dmwork: settingsOf("dmwork", sandbox, direct(sandbox.urls.dmwork)),
        mochat: { ...settingsOf("mochat", sandbox, direct(sandbox.urls.mochat)), ...BATCH },
      },
    };
    this.#journal = new JournalReader(journal);
  }

  async all(): Promise<void> {
    const deaths = deathsOf(this.#plan);
    await this.#introduce();
    for (const [index, death] of deaths.entries()) {
      await this.#live(death);
      if (index % 10 === 9) this.#show(`${index + 1}/${deaths.length} deaths`);
    }
    await this.#end();
  }

  outcome(): Outcome {
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    return {
      plan: this.#plan,
      places: this.#places,
      audit: this.#audit,
      replies: this.#replies,
      deaths: this.#deaths,
      seconds,
      errors: this.errors,
    };
  }

  stop(): void {
    this.#life?.kill();
  }

  /** What was said in a place before an account was there for the first time is not for it. */
  async #introduce(): Promise<void> {
    const life = this.#begin();
    const isKnown = ({ key }: Channel) => this.#audit.isHeard(`${key}#1`);
    while (this.#audit.ready < ACCOUNTS) await this.#look();
    this.#speaker.greet();
    while (!this.#places.every(isKnown)) await this.#look();
    await this.#kill(life);
  }

  /** One life, from the start to its death; people talk all the time. */
  async #live(death: Death): Promise<void> {
    // Only what came before a connection is taken out of the queue, and people may wait for answers by then.
    const isAtTheQueue = "point" in death && death.point.startsWith("dequeue.");
    for (let count = isAtTheQueue ? UNHEARD : 0; count > 0; count -= 1) this.#speaker.say();
    const life = this.#begin(death);
    const { ready } = this.#audit;
    const until = performance.now() + PASSED_WITHIN_MS;
    while (life.ending === undefined && performance.now() < until) {
      await this.#talk();
      const isDue = "afterMs" in death && (death.since === "start" || this.#audit.ready >= ready + ACCOUNTS);
      if (isDue) life.killIn(death.afterMs);
    }
    await this.#kill(life);
    if (performance.now() >= until) this.errors.push(`in vain: ${JSON.stringify(death)}`);
    else if ("afterMs" in death) this.#deaths.byChance += 1;
    else this.#deaths.named.push(death.point);
    if (life.ending !== "SIGKILL") throw new Error(`the process ended by itself: ${life.ending}`);
    this.#say();
  }

  /** A life without a death, in which everything is heard and answered. */
  async #end(): Promise<void> {
    this.#begin();
    this.#speaker.flush();
    await this.#settle();
    // Context that came behind the last question of its place waits for another one.
    if (this.#audit.lost.length > 0) {
      this.#speaker.greet();
      await this.#settle();
    }
    await sleep(AFTERWARDS_MS);
    await this.#look();
    this.#show("done");
  }

  async #settle(): Promise<void> {
    const known = () => this.#audit.heard + this.#replies.delivered.size;
    const isDone = () =>
      this.#audit.lost.length === 0 &&
      this.#audit.open.length === 0 &&
      this.#audit.unanswered(this.#replies.delivered).length === 0;
    let [before, since] = [known(), performance.now()];
    while (!isDone() && performance.now() - since < STALL_MS) {
      await this.#look();
      if (known() !== before) [before, since] = [known(), performance.now()];
    }
  }

  #begin(death?: Death): Life {
    // Each life of the gateway has its own chances.
    const seed = this.#random.below(2 ** 31);
    this.#life = new Life({ ...this.#orders, seed }, death);
    return this.#life;
  }

  async #kill(life: Life): Promise<void> {
    life.kill();
    await life.ended;
    // What it has written is read before it counts as dead.
    await this.#look();
    this.#audit.died();
  }

  async #talk(): Promise<void> {
    await this.#look();
    const { total, waiting } = this.#speaker;
    if (total - waiting - this.#audit.heard < OPEN) this.#say();
  }

  #say(): void {
    for (let count = this.#random.below(MOST_AT_ONCE + 1); count > 0; count -= 1) this.#speaker.say();
  }

  async #look(): Promise<void> {
    if (this.#isOver) throw new Error(`not done within ${this.#plan.minutes} minutes`);
    await sleep(TICK_MS);
    for (const line of this.#journal.next()) this.#audit.take(line);
  }

  /** Writes down when each message is said. */
  #dated(place: Channel): Channel {
    const say: Channel["say"] = (from, text, mentionsBot) => {
      this.#audit.said.set(text.split(" ")[0] ?? "", Date.now());
      place.say(from, text, mentionsBot);
    };
    return { ...place, say };
  }

  get #isOver(): boolean {
    return performance.now() - this.#startedAt > this.#plan.minutes * 60_000;
  }

  #show(how: string): void {
    const { heard, twice, resumed } = this.#audit;
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(0).padStart(5);
    this.#progress(
      `${seconds} s  ${how}, ${this.#speaker.total} said, ${heard} heard, ${twice.length} twice, ` +
        `${this.#replies.delivered.size} answered, ${resumed} resumed`,
    );
  }
}

/** The network of an account that is to be disturbed in no other way. */
function direct(url: string) {
  return { wire: { url }, http: { url } };
}
