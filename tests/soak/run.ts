/** One soak: people talk for hours on both platforms, connections end now and then, and the process may not grow. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FaultProxy } from "../../sandbox/fault-proxy.ts";
import { scriptOf, type Trouble } from "../../sandbox/fault-script.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { Random } from "../../sandbox/random.ts";
import type { Census } from "../fleet/census.ts";
import { Fleet } from "../fleet/fleet.ts";
import { moment, type AccountPlan, type Report } from "../fleet/messages.ts";
import { settingsOf } from "../fleet/settings.ts";
import { Audit } from "../talk/audit.ts";
import type { Channel } from "../talk/channels.ts";
import { dmworkPlaces, mochatPlaces } from "../talk/places.ts";
import { Replies } from "../talk/replies.ts";
import { Speaker } from "../talk/speaker.ts";
import type { Plan } from "./plan.ts";
import { largest, type StoreSize } from "./stores.ts";

const PLATFORMS = ["dmwork", "mochat"] as const;
const ANSWER_ONE_IN = 20;
/** Between two looks at the clock. */
const TICK_MS = 50;
/** Nothing is said for so long before the process is measured: idle connections for calls are closed by then. */
const QUIET_MS = 15_000;
/** Time without anything new after which nothing more is expected: longer than a half-open connection is believed in. */
const STALL_MS = 120_000;
/** A message that takes longer counts as late. */
const LATE_MS = 5_000;
/** Calls that a server refuses around each trouble, at most. */
const MOST_REFUSED = 3;

export type Sample = Census & StoreSize & { hours: number };

export type Outcome = {
  plan: Plan;
  channels: readonly Channel[];
  speaker: Speaker;
  audit: Audit;
  replies: Replies;
  /** Replies that were written, and those of them that the accounts listed as failed. */
  written: number;
  failed: number;
  samples: readonly Sample[];
  connections: number;
  late: number;
  slowestMs: number;
  /** What must not be, from the accounts' process, and what ended the run before its time. */
  errors: readonly string[];
  hours: number;
};

export async function soak(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "soak-"));
  try {
    await using sandbox = await startSandbox();
    await using networks = new AsyncDisposableStack();
    const open = async (url: string) => networks.use(await FaultProxy.open(url));
    const accounts: Account[] = [];
    for (const platform of PLATFORMS) {
      const url = sandbox.urls[platform];
      const store = join(folder, `${platform}.sqlite`);
      accounts.push({ platform, store, wire: await open(url), http: await open(url), backAt: 0 });
    }
    const run = new Soak(plan, sandbox, accounts, progress);
    await using fleet = await Fleet.open(
      accounts.map((account) => planOf(account, sandbox)),
      run.hear,
    );
    const errors = await run.all(fleet).then(
      () => [],
      (failure: unknown) => [String(failure)],
    );
    return run.outcome(fleet, errors);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An account's network, and when it had a connection again. */
type Account = {
  platform: (typeof PLATFORMS)[number];
  store: string;
  wire: FaultProxy;
  http: FaultProxy;
  backAt: number;
};

function planOf({ platform, store, wire, http }: Account, sandbox: Sandbox): AccountPlan {
  const config = settingsOf(platform, sandbox, { wire, http });
  return { channel: platform, accountId: platform, config, store, answerOneIn: ANSWER_ONE_IN };
}

class Soak {
  readonly #plan: Plan;
  readonly #sandbox: Sandbox;
  readonly #accounts: readonly Account[];
  readonly #progress: (line: string) => void;
  readonly #channels: readonly Channel[];
  readonly #random: Random;
  readonly #speaker: Speaker;
  readonly #replies: Replies;
  readonly #audit = new Audit();
  readonly #script: Trouble[];
  readonly #samples: Sample[] = [];
  /** When messages were said that were not heard yet, by their text. */
  readonly #saidAt = new Map<string, number>();
  readonly #startedAt = moment();
  #late = 0;
  #slowestMs = 0;

  constructor(plan: Plan, sandbox: Sandbox, accounts: readonly Account[], progress: (line: string) => void) {
    this.#plan = plan;
    this.#sandbox = sandbox;
    this.#accounts = accounts;
    this.#progress = progress;
    this.#channels = [...dmworkPlaces(sandbox), ...mochatPlaces(sandbox)];
    this.#random = new Random(plan.seed);
    this.#replies = new Replies(sandbox.ledger, /re \w+#\d+/);
    this.#script = scriptOf(this.#random, Math.floor(plan.seconds / plan.troubleEvery), accounts.length);
    this.#speaker = new Speaker(
      this.#channels.map((channel) => this.#timed(channel)),
      this.#random,
    );
  }

  readonly hear = (report: Report): void => {
    const account = this.#accounts.find(({ platform }) => "account" in report && platform === report.account);
    if (account === undefined) return;
    if (report.kind === "status" && report.lifecycle === "ready") account.backAt = report.at;
    if (report.kind !== "turn") return;
    this.#audit.take(report);
    const took = report.at - Math.max(this.#saidAt.get(report.text) ?? 0, account.backAt);
    this.#slowestMs = Math.max(this.#slowestMs, took);
    if (took > LATE_MS) this.#late += 1;
    for (const { text } of [report, ...report.history]) this.#saidAt.delete(text);
  };

  async all(fleet: Fleet): Promise<void> {
    const { parts } = this.#plan;
    await this.#until(() => PLATFORMS.every((platform) => fleet.isReady(platform)));
    for (let part = 1; part <= parts; part += 1) {
      await this.#talk();
      this.#speaker.flush();
      const isHeard = () => this.#audit.turns >= this.#speaker.turnsExpected;
      await this.#until(() => isHeard() && PLATFORMS.every((platform) => fleet.isReady(platform)));
      await pause(QUIET_MS);
      const stores = this.#accounts.map(({ store }) => store);
      this.#samples.push({ ...(await fleet.count()), ...largest(stores), hours: this.#hours });
      this.#show();
    }
  }

  outcome(fleet: Fleet, errors: readonly string[]): Outcome {
    return {
      plan: this.#plan,
      channels: this.#channels,
      speaker: this.#speaker,
      audit: this.#audit,
      replies: this.#replies,
      written: fleet.written,
      failed: fleet.failures.length,
      samples: this.#samples,
      connections: this.#accounts.reduce((sum, { wire }) => sum + wire.accepted, 0),
      late: this.#late,
      slowestMs: this.#slowestMs,
      errors: [...errors, ...fleet.faults],
      hours: this.#hours,
    };
  }

  /** One part of the talk, with the troubles that are due in it. */
  async #talk(): Promise<void> {
    const { seconds, parts, rate, troubleEvery } = this.#plan;
    const [begun, said] = [moment(), this.#speaker.total];
    let troubles = 0;
    for (let passed = 0; passed < seconds / parts; passed = (moment() - begun) / 1_000) {
      while (this.#speaker.total - said < passed * rate) this.#speaker.say();
      // Half of the first distance before the first one, so that each is followed by talk.
      if (passed >= (troubles + 0.5) * troubleEvery) {
        troubles += 1;
        this.#strike(this.#script.shift());
      }
      await pause(TICK_MS);
    }
  }

  #strike(trouble: Trouble | undefined): void {
    const account = trouble && this.#accounts[trouble.target];
    if (!account) return;
    const { platform, wire, http } = account;
    for (const disturbance of trouble.disturbances) {
      wire.apply(disturbance);
      // A call that came twice would be the network's fault, and is nothing that TCP does.
      if (disturbance.kind !== "repeat") http.apply(disturbance);
    }
    wire.apply(trouble.ending);
    if (trouble.ending.kind !== "forget") http.apply(trouble.ending);
    const status = this.#random.below(2) === 0 ? 429 : 503;
    this.#sandbox.control.fail(platform, { match: "send", status, times: 1 + this.#random.below(MOST_REFUSED) });
  }

  /** Rejects when nothing new has come for long. */
  async #until(condition: () => boolean): Promise<void> {
    let [turns, since] = [this.#audit.turns, moment()];
    while (!condition()) {
      await pause(TICK_MS);
      if (this.#audit.turns !== turns) [turns, since] = [this.#audit.turns, moment()];
      if (moment() - since > STALL_MS) throw new Error(`nothing new for ${STALL_MS / 1_000} s`);
    }
  }

  get #hours(): number {
    return (moment() - this.#startedAt) / 3_600_000;
  }

  #timed(channel: Channel): Channel {
    const say: Channel["say"] = (from, text, mentionsBot) => {
      this.#saidAt.set(text, moment());
      channel.say(from, text, mentionsBot);
    };
    return { ...channel, say };
  }

  #show(): void {
    const { total, duplicates, disorder } = this.#audit;
    const sample = this.#samples.at(-1);
    this.#progress(
      `${(this.#hours * 60).toFixed(1).padStart(6)} min  ${this.#speaker.total} said, ${total} heard, ${duplicates} twice, ` +
        `${disorder} out of order; ${JSON.stringify(sample)}`,
    );
  }
}
