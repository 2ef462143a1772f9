/** The process of two bots stands still, as under a stopped container or a sleeping machine, and goes on. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { Fleet } from "../fleet/fleet.ts";
import { moment } from "../fleet/messages.ts";
import { pair, PLATFORMS } from "../fleet/pair.ts";
import { BOT } from "../talk/bot.ts";
import { Replies } from "../talk/replies.ts";
import type { Plan } from "./plan.ts";

/** Between two messages to each bot. */
const EVERY_MS = 1_000;
const TICK_MS = 20;
/** Longer than any wait of a bot that comes back. */
const PATIENCE_MS = 120_000;

type Platform = (typeof PLATFORMS)[number];
/** After the process went on, in seconds. */
export type Return = { platform: Platform; answersOne: number; answersAll: number };

export type Outcome = {
  plan: Plan;
  said: ReadonlyMap<Platform, number>;
  replies: Replies;
  returns: readonly Return[];
  failures: readonly string[];
  errors: readonly string[];
};

export async function freeze(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "frozen-"));
  try {
    await using sandbox = await startSandbox();
    const replies = new Replies(sandbox.ledger, /re \w+#\d+/);
    await using fleet = await Fleet.open(pair(sandbox, folder), () => undefined);
    await until(() => PLATFORMS.every((platform) => fleet.isReady(platform)));
    const run = new Frozen(sandbox, fleet, replies);
    const errors: string[] = [];
    for (let time = 1; time <= plan.times && errors.length === 0; time += 1) {
      progress(`stopped for ${plan.seconds} s`);
      await run.once(plan.seconds).catch((error: unknown) => errors.push(String(error)));
    }
    const { said, returns } = run;
    return { plan, said, replies, returns, failures: fleet.failures, errors: [...errors, ...fleet.faults] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Frozen {
  readonly said = new Map<Platform, number>(PLATFORMS.map((platform) => [platform, 0]));
  readonly returns: Return[] = [];
  readonly #sandbox: Sandbox;
  readonly #fleet: Fleet;
  readonly #replies: Replies;

  constructor(sandbox: Sandbox, fleet: Fleet, replies: Replies) {
    this.#sandbox = sandbox;
    this.#fleet = fleet;
    this.#replies = replies;
  }

  async once(seconds: number): Promise<void> {
    this.#sayToAll();
    await until(() => PLATFORMS.every((platform) => this.#missing(platform) === 0));
    this.#fleet.signal("SIGSTOP");
    for (const stopped = moment(); moment() - stopped < seconds * 1_000;) {
      this.#sayToAll();
      await pause(EVERY_MS);
    }
    const begun = moment();
    const since = () => (moment() - begun) / 1_000;
    this.#fleet.signal("SIGCONT");
    this.#sayToAll();
    const missing = new Map(PLATFORMS.map((platform) => [platform, this.#missing(platform)]));
    await Promise.all(
      PLATFORMS.map(async (platform) => {
        await until(() => this.#missing(platform) < (missing.get(platform) ?? 0));
        const answersOne = since();
        await until(() => this.#missing(platform) === 0);
        this.returns.push({ platform, answersOne, answersAll: since() });
      }),
    );
  }

  #missing(platform: Platform): number {
    const answered = this.#replies.inOrder.filter((answer) => answer.startsWith(`re ${platform}#`));
    return (this.said.get(platform) ?? 0) - answered.length;
  }

  #sayToAll(): void {
    const { dmwork, mochat, world } = this.#sandbox;
    dmwork.say({ from: "ann", dm: BOT, text: this.#next("dmwork") });
    mochat.say({ from: "ann", session: world.mochat.ownerSession, text: this.#next("mochat") });
  }

  #next(platform: Platform): string {
    const number = (this.said.get(platform) ?? 0) + 1;
    this.said.set(platform, number);
    return `${platform}#${number}`;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const since = moment(); !condition(); await pause(TICK_MS)) {
    if (moment() - since > PATIENCE_MS)
      throw new Error(`not seen in ${PATIENCE_MS / 1_000} s: ${condition.toString()}`);
  }
}
