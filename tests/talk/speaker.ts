/** Says numbered messages in every channel. */

import type { Channel } from "./channels.ts";
import type { Random } from "../../sandbox/random.ts";

/** Unmentioned messages after which one mentions the bot: it keeps at most 200 of them as context. */
const MENTION_AT_LEAST_EVERY = 100;
/** One in so many, otherwise. */
const MENTION_ONE_IN = 10;

/** What is said as the n-th message of a channel: no two are alike, and most are short. */
export function textOf(key: string, n: number): string {
  const tail =
    n % 97 === 0 ? "long ".repeat(400) : n % 13 === 0 ? "你好 🌏 e\u0301 ".repeat(n % 7) : "x".repeat(n % 40);
  return `${key}#${n} ${tail}`.trim();
}

export class Speaker {
  readonly #channels: readonly Channel[];
  readonly #random: Random;
  readonly #said: Map<string, number>;
  /** Messages since the bot was mentioned last, where it has to be. */
  readonly #unmentioned = new Map<string, number>();
  /** How many of what was said must each be a turn of their own. */
  turnsExpected = 0;

  constructor(channels: readonly Channel[], random: Random) {
    this.#channels = channels;
    this.#random = random;
    this.#said = new Map(channels.map(({ key }) => [key, 0]));
  }

  get total(): number {
    return [...this.#said.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many wait for a mention behind them, before anybody is to hear of them. */
  get waiting(): number {
    return [...this.#unmentioned.values()].reduce((sum, count) => sum + count, 0);
  }

  said(key: string): number {
    return this.#said.get(key) ?? 0;
  }

  /** One message somewhere. */
  say(): void {
    const channel = this.#pick(this.#channels);
    const waiting = this.#unmentioned.get(channel.key) ?? 0;
    const mentions =
      channel.needsMention && (waiting >= MENTION_AT_LEAST_EVERY || this.#random.below(MENTION_ONE_IN) === 0);
    this.#sayIn(channel, mentions);
  }

  /** One message everywhere. */
  greet(): void {
    for (const channel of this.#channels) this.#sayIn(channel, channel.needsMention);
  }

  /** A mention wherever messages wait for one, so that all that was kept as context is told. */
  flush(): void {
    for (const channel of this.#channels) {
      if ((this.#unmentioned.get(channel.key) ?? 0) > 0) this.#sayIn(channel, true);
    }
  }

  #sayIn(channel: Channel, mentions: boolean): void {
    const { key, people, needsMention } = channel;
    const n = this.said(key) + 1;
    this.#said.set(key, n);
    if (needsMention) this.#unmentioned.set(key, mentions ? 0 : (this.#unmentioned.get(key) ?? 0) + 1);
    if (mentions || !needsMention) this.turnsExpected += 1;
    channel.say(this.#pick(people), textOf(key, n), mentions);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#random.below(items.length)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  }
}
