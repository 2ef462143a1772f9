/** One storm: people talk on both platforms, the network fails, and every message must become known to the agent once. */

import { leap, pace } from "../client/clock.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import type { Ending } from "../../sandbox/fault-proxy.ts";
import { scriptOf, type Trouble } from "../../sandbox/fault-script.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { Random } from "../../sandbox/random.ts";
import { Audit } from "../talk/audit.ts";
import type { Channel } from "../talk/channels.ts";
import { Speaker } from "../talk/speaker.ts";
import { settled, StormAccount } from "./account.ts";
import { dmworkPlaces, mochatPlaces } from "../talk/places.ts";
import type { Plan } from "./plan.ts";
import { Replies } from "../talk/replies.ts";

/** Said in one go, before the sockets get their turn. */
const BURST = 25;
/** How far the accounts may lag behind while they are connected. */
const BACKLOG = 500;
/** Which part of the messages is said around the end of a connection. */
const AWAY = 0.3;
/** Slow enough that what is under way keeps some seconds: a busy machine changes nothing. */
const PACE = 2;
/** A connection that holds this long counts as a stable one, and the server's minute of calls is over. */
const STABLE_SECONDS = 61;
/** Mochat's server pings by the real clock, and the client waits for that by the fast one. */
const PULSE = { pingIntervalMs: 500, pingTimeoutMs: 600_000 };
/** Real time without anything new after which nothing more is expected. */
const STALL_MS = 60_000;
const PROGRESS_MS = 5_000;
/** What an account signs. */
const ANSWER = /(?:dmwork|mochat) answer \d+/;

export type Outcome = {
  plan: Plan;
  channels: readonly Channel[];
  speaker: Speaker;
  audit: Audit;
  accounts: readonly StormAccount[];
  replies: Replies;
  /** Ends of connections, by platform and kind. */
  ended: ReadonlyMap<string, number>;
  seconds: number;
  /** What ended the run before its time. */
  error?: string;
};

export async function storm(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  pace(PACE);
  const folder = mkdtempSync(join(tmpdir(), "storm-"));
  await using sandbox = await startSandbox({ mochat: PULSE });
  const replies = new Replies(sandbox.ledger, ANSWER);
  const channels = [...dmworkPlaces(sandbox), ...mochatPlaces(sandbox)];
  const audit = new Audit();
  const accounts: StormAccount[] = [];
  try {
    for (const platform of ["dmwork", "mochat"] as const) {
      accounts.push(await StormAccount.open(platform, sandbox, audit, folder));
    }
    const run = new Storm(plan, channels, audit, accounts, progress);
    const error = await run.all().then(
      () => undefined,
      (failure: unknown) => String(failure),
    );
    const { speaker, ended, seconds } = run;
    const outcome = { plan, channels, speaker, audit, accounts, replies, ended, seconds };
    return error === undefined ? outcome : { ...outcome, error };
  } finally {
    for (const account of accounts) await account.close();
    rmSync(folder, { recursive: true });
  }
}

class Storm {
  readonly speaker: Speaker;
  readonly ended = new Map<string, number>();
  readonly #plan: Plan;
  readonly #audit: Audit;
  readonly #accounts: readonly StormAccount[];
  readonly #random: Random;
  readonly #progress: (line: string) => void;
  readonly #startedAt = performance.now();
  #shownAt = 0;

  constructor(
    plan: Plan,
    channels: readonly Channel[],
    audit: Audit,
    accounts: readonly StormAccount[],
    progress: (line: string) => void,
  ) {
    this.#plan = plan;
    this.#audit = audit;
    this.#accounts = accounts;
    this.#random = new Random(plan.seed);
    this.#progress = progress;
    const said = new Map<string, number>();
    this.speaker = new Speaker(
      channels.map((channel) => timed(channel, said)),
      this.#random,
    );
    for (const { host } of accounts) host.saidAt = (text) => said.get(text) ?? 0;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  async all(): Promise<void> {
    const { messages, disconnects } = this.#plan;
    const script = scriptOf(this.#random, disconnects, this.#accounts.length);
    await this.#until(() => this.#accounts.every(({ host }) => host.isReady));
    for (const [index, trouble] of script.entries()) {
      const share = Math.floor((messages * (index + 1)) / (disconnects + 1)) - this.speaker.total;
      await this.#cycle(trouble, share);
    }
    await this.#talk(messages - this.speaker.total);
    await this.#allHeard();
    this.#show();
  }

  /** Some messages on a bad line, and some around its end. */
  async #cycle({ disturbances, ending, target }: Trouble, share: number): Promise<void> {
    const account = this.#accounts[target];
    if (account === undefined) throw new Error(`there is no account ${target}`);
    const { wire, http } = account;
    const away = Math.round(share * AWAY);
    const third = Math.ceil(away / 3);
    for (const disturbance of disturbances) {
      wire.apply(disturbance);
      // A call that came twice would be the network's fault, and is nothing that TCP does.
      if (disturbance.kind !== "repeat") http.apply(disturbance);
    }
    await this.#talk(share - away);
    await this.#allHeard();
    leap(STABLE_SECONDS);
    await settled();
    await this.#until(() => this.#accounts.every(({ host }) => host.isReady));
    // On their way when the connection ends; said into a connection that is gone; said while nobody listens.
    await this.#say(Math.min(third, away));
    const { accepted } = wire;
    wire.apply(ending);
    const how = `${account.platform} ${nameOf(ending)}`;
    this.ended.set(how, (this.ended.get(how) ?? 0) + 1);
    await this.#say(Math.min(third, away - third));
    await settled();
    await this.#say(Math.max(0, away - 2 * third));
    if (ending.kind === "forget") account.serverGivesUp(ending);
    await account.back(accepted, () => this.#isOver);
    // Calls that read what was missed are under way now.
    if (ending.kind !== "forget") http.apply(ending);
  }

  async #talk(count: number): Promise<void> {
    for (let left = count; left > 0; left -= BURST) {
      await this.#say(Math.min(BURST, left));
      await this.#until(() => this.speaker.turnsExpected - this.#audit.turns < BACKLOG);
    }
  }

  async #say(count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      this.speaker.say();
      if (n % BURST === 0) await turnOfTheLoop();
    }
  }

  /** All that was said has been heard, and what is to be answered was answered. */
  #allHeard(): Promise<void> {
    this.speaker.flush();
    return this.#until(
      () => this.#audit.turns >= this.speaker.turnsExpected && this.#accounts.every(({ host }) => host.busy === 0),
    );
  }

  /** Asked after a few milliseconds each time; rejects when nothing new has come for long. */
  async #until(condition: () => boolean): Promise<void> {
    let [turns, since] = [this.#audit.turns, performance.now()];
    while (!condition()) {
      await settled();
      this.#showSometimes();
      if (this.#audit.turns !== turns) [turns, since] = [this.#audit.turns, performance.now()];
      if (performance.now() - since > STALL_MS) throw new Error(`nothing new for ${STALL_MS / 1_000} s`);
      if (this.#isOver) throw new Error(`not done within ${this.#plan.minutes} minutes`);
    }
  }

  get #isOver(): boolean {
    return this.seconds > this.#plan.minutes * 60;
  }

  #showSometimes(): void {
    if (performance.now() - this.#shownAt > PROGRESS_MS) this.#show();
  }

  #show(): void {
    this.#shownAt = performance.now();
    const ends = [...this.ended.values()].reduce((sum, count) => sum + count, 0);
    const { total, duplicates, disorder } = this.#audit;
    this.#progress(
      `${this.seconds.toFixed(0).padStart(5)} s  ${ends}/${this.#plan.disconnects} disconnects, ` +
        `${this.speaker.total}/${this.#plan.messages} said, ${total} heard, ${duplicates} twice, ${disorder} out of order`,
    );
  }
}

/** Writes down when each message was said. */
function timed(channel: Channel, said: Map<string, number>): Channel {
  const say: Channel["say"] = (from, text, mentionsBot) => {
    said.set(text, performance.now());
    channel.say(from, text, mentionsBot);
  };
  return { ...channel, say };
}

export function nameOf(ending: Ending): string {
  return ending.kind === "forget" ? `half-open, ${ending.directions.join(" and ")} lost` : ending.kind;
}
