/** The real gateway, stopped and killed while people ask: each question is answered once, where it was asked. */

import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../sandbox/random.ts";
import { stage, startAgain, type Stage } from "../e2e/support.ts";
import { Audit } from "./audit.ts";
import { RULES } from "./model.ts";
import { placesOf, type Place } from "./places.ts";
import type { Plan } from "./plan.ts";

/** Questions that are open at most while the gateway runs: more would only wait for the machine. */
const OPEN = 16;
/** Questions while there is no gateway. */
const AWAY = 8;
/** Real time without an answer after which nothing more is expected: longer than the slowest retry of a turn. */
const STALL_MS = 240_000;
/** Whatever would answer twice has had its time after this. */
const AFTERWARDS_MS = 20_000;
const PROGRESS_MS = 10_000;

export type Outcome = {
  plan: Plan;
  audit: Audit;
  said: number;
  restarts: Map<string, number>;
  seconds: number;
  error?: string;
};

export async function restarts(plan: Plan, progress: (line: string) => void): Promise<Outcome> {
  await using scene = await stage({
    replyDelayMs: 1_000,
    sandbox: { rules: RULES },
    edit: (channels) =>
      Object.fromEntries(
        Object.entries(channels).map(([id, keys]) => [id, { ...Object(keys), maxMessagesPerMinute: 0 }]),
      ),
  });
  const run = new Restarts(plan, scene, progress);
  const error = await run.all().then(
    () => undefined,
    (failure: unknown) => `${String(failure)}\n${scene.claw.tail()}`,
  );
  const { audit, said, done, seconds } = run;
  return { plan, audit, said, restarts: done, seconds, ...(error === undefined ? {} : { error }) };
}

class Restarts {
  readonly audit = new Audit();
  readonly done = new Map<string, number>();
  said = 0;
  readonly #plan: Plan;
  readonly #scene: Stage;
  readonly #places: Place[];
  readonly #random: Random;
  readonly #progress: (line: string) => void;
  readonly #startedAt = performance.now();
  #shownAt = 0;

  constructor(plan: Plan, scene: Stage, progress: (line: string) => void) {
    this.#plan = plan;
    this.#scene = scene;
    this.#places = placesOf(scene.sandbox);
    this.#random = new Random(plan.seed);
    this.#progress = progress;
    scene.sandbox.ledger.watch((entry) => this.audit.read(entry));
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  async all(): Promise<void> {
    const { messages, restarts: count } = this.#plan;
    for (let nth = 1; nth <= count; nth += 1) {
      await this.#talk(Math.floor((messages * nth) / (count + 1)) - AWAY);
      await this.#restart(nth % 2 === 0 ? "SIGKILL" : "SIGTERM");
    }
    await this.#talk(messages);
    await this.#until(() => this.audit.lost.length === 0).catch((error: unknown) => {
      // What the gateway withholds does not come, however long it is waited for.
      if (this.audit.unanswered.length > 0) throw error;
    });
    await sleep(AFTERWARDS_MS);
    this.#show();
  }

  /** Asks until so many questions were asked, as fast as they are answered. */
  async #talk(total: number): Promise<void> {
    while (this.said < total) {
      await this.#until(() => this.audit.asked - this.audit.answered < OPEN);
      this.#say();
    }
  }

  #say(): void {
    const place = this.#places[this.#random.below(this.#places.length)];
    if (place === undefined) return;
    this.said += 1;
    const name = `q${this.said}`;
    this.audit.ask(name, place);
    place.say(`ask:${name}`);
  }

  /** At any moment of the turns that run, and people don't wait for it. */
  async #restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const { claw } = this.#scene;
    await sleep(this.#random.below(1_500));
    const stopped = claw.stop(signal);
    for (let n = 0; n < AWAY; n += 1) {
      this.#say();
      await sleep(this.#random.below(400));
    }
    await stopped;
    this.done.set(signal, (this.done.get(signal) ?? 0) + 1);
    await startAgain(this.#scene);
  }

  async #until(condition: () => boolean): Promise<void> {
    let [answered, since] = [this.audit.answered, performance.now()];
    while (!condition()) {
      await sleep(20);
      if (performance.now() - this.#shownAt > PROGRESS_MS) this.#show();
      if (this.audit.answered !== answered) [answered, since] = [this.audit.answered, performance.now()];
      if (performance.now() - since > STALL_MS) throw new Error(`no answer for ${STALL_MS / 1_000} s`);
      if (this.seconds > this.#plan.minutes * 60) throw new Error(`not done within ${this.#plan.minutes} minutes`);
    }
  }

  #show(): void {
    this.#shownAt = performance.now();
    const ends = [...this.done.values()].reduce((sum, count) => sum + count, 0);
    const { asked, answered, twice, stray } = this.audit;
    this.#progress(
      `${this.seconds.toFixed(0).padStart(5)} s  ${ends}/${this.#plan.restarts} restarts, ${this.said}/${this.#plan.messages} asked, ` +
        `${answered}/${asked} answered, ${twice.length} twice, ${stray.length} in the wrong place`,
    );
  }
}
