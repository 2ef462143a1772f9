/** One run: people talk, connections end, and nothing may be missing. */

import { pace } from "../client/clock.ts";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { Client } from "../client/client.ts";
import { openChannels, rulesOf, type Channel } from "../talk/channels.ts";
import { back, end, endings, noticed, type Ending } from "./endings.ts";
import { AuditHost } from "../talk/audit-host.ts";
import type { Plan } from "./plan.ts";
import { Random } from "../../sandbox/random.ts";
import type { Outcome } from "./report.ts";
import { Speaker } from "../talk/speaker.ts";
import { Traffic } from "./traffic.ts";

/** Said in one go, before the sockets get their turn. */
const BURST = 25;
/** How far the client may lag behind while it is connected; a real server's outbound buffer is bounded too. */
const BACKLOG = 500;
/**
 * Slower than for the stories: what waits long is leapt over, and what is under way (calls, live messages that wait for older
 * ones) keeps some seconds, so that a busy machine changes nothing.
 */
const PACE = 2;
/** A connection that holds this long counts as a stable one. */
const STABLE_SECONDS = 31;

export async function lose(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  pace(PACE);
  const started = performance.now();
  const random = new Random(plan.seed);
  let channels: Channel[] = [];
  let traffic: Traffic | undefined;
  let host: AuditHost | undefined;
  const client = await Client.open(plan.line, {
    before: (sandbox) => {
      channels = openChannels(sandbox);
      traffic = new Traffic(sandbox.ledger);
    },
    config: (sandbox) => ({ groups: rulesOf(sandbox), historyLimit: 200 }),
    host: (opened) => (host = new AuditHost(opened)),
  });
  try {
    if (traffic === undefined || host === undefined) throw new Error("the account did not start");
    const { ledger } = client;
    const speaker = new Speaker(channels, random);
    const run = new Run(plan, client, speaker, host);
    const error = await run.all(progress).catch((failure: unknown) => String(failure));
    const seconds = (performance.now() - started) / 1_000;
    const logins = ledger.count("connect", "connect");
    const outcome = { plan, channels, speaker, host, ledger, traffic, ended: run.ended, logins, seconds };
    return error === undefined ? outcome : { ...outcome, error };
  } finally {
    await client.close();
  }
}

class Run {
  readonly ended = new Map<Ending, number>();
  readonly #plan: Plan;
  readonly #client: Client;
  readonly #speaker: Speaker;
  readonly #host: AuditHost;

  constructor(plan: Plan, client: Client, speaker: Speaker, host: AuditHost) {
    this.#plan = plan;
    this.#client = client;
    this.#speaker = speaker;
    this.#host = host;
  }

  async all(progress: (line: string) => void): Promise<undefined> {
    const { messages, disconnects } = this.#plan;
    await this.#client.ready();
    for (let count = 0; count < disconnects; count += 1) {
      const share = Math.floor((messages * (count + 1)) / (disconnects + 1)) - this.#speaker.total;
      await this.#cycle(endings[count % endings.length] ?? "reset", share);
      if ((count + 1) % 20 === 0) progress(`${count + 1} disconnects, ${this.#host.audit.total} messages heard`);
    }
    await this.#sayConnected(messages - this.#speaker.total);
    await this.#allHeard();
    return undefined;
  }

  /** Some messages with a connection, and some around its end. */
  async #cycle(how: Ending, share: number): Promise<void> {
    const away = Math.round(share * this.#plan.away);
    const third = Math.ceil(away / 3);
    await this.#sayConnected(share - away);
    await this.#allHeard();
    await this.#client.leap(STABLE_SECONDS);
    // On their way when the connection ends; said into a connection that is gone; said while nobody listens.
    await this.#say(Math.min(third, away));
    end(this.#client, how);
    this.ended.set(how, (this.ended.get(how) ?? 0) + 1);
    await this.#say(Math.min(third, away - third));
    await noticed(this.#client, how);
    await this.#say(Math.max(0, away - 2 * third));
    await back(this.#client, how);
  }

  async #sayConnected(count: number): Promise<void> {
    for (let left = count; left > 0; left -= BURST) {
      await this.#say(Math.min(BURST, left));
      await this.#client.until(() => this.#speaker.total - this.#heard() < BACKLOG);
    }
  }

  async #say(count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      this.#speaker.say();
      if (n % BURST === 0) await turnOfTheLoop();
    }
  }

  /** All that was said has been heard, and what is to be answered was answered. */
  #allHeard(): Promise<void> {
    this.#speaker.flush();
    return this.#client.until(() => this.#host.audit.turns >= this.#speaker.turnsExpected && this.#host.busy === 0);
  }

  #heard(): number {
    return this.#speaker.total - (this.#speaker.turnsExpected - this.#host.audit.turns);
  }
}
