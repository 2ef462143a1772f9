/** Checks what the client's host is told: everything once, and in order within each channel. */

import { textOf } from "./speaker.ts";

/** How many faults are shown. */
const SHOWN = 20;

/** What counts of a turn. */
export type Told = { readonly text: string; readonly history: readonly { readonly text: string }[] };

type Heard = { readonly numbers: Set<number>; last: number };

export class Audit {
  readonly #channels = new Map<string, Heard>();
  turns = 0;
  /** Messages that came as context of a turn. */
  context = 0;
  duplicates = 0;
  disorder = 0;
  garbled = 0;
  /** The first faults in words. */
  readonly faults: string[] = [];

  /** How many different messages were heard. */
  get total(): number {
    return [...this.#channels.values()].reduce((sum, { numbers }) => sum + numbers.size, 0);
  }

  take(turn: Told): void {
    this.turns += 1;
    for (const { text } of turn.history) {
      this.context += 1;
      this.#hear(text);
    }
    this.#hear(turn.text);
  }

  /** The messages up to this number that never came. */
  missing(key: string, said: number): number[] {
    const { numbers } = this.#channel(key);
    return Array.from({ length: said }, (_, index) => index + 1).filter((n) => !numbers.has(n));
  }

  #hear(text: string): void {
    const [, key = "", number = ""] = /^(\w+)#(\d+)/.exec(text) ?? [];
    const n = Number(number);
    if (text !== textOf(key, n)) {
      this.garbled += 1;
      return this.#fault(`not as it was said: ${text.slice(0, 80)}`);
    }
    const heard = this.#channel(key);
    if (heard.numbers.has(n)) {
      this.duplicates += 1;
      return this.#fault(`${key}#${n} came twice`);
    }
    if (n < heard.last) {
      this.disorder += 1;
      this.#fault(`${key}#${n} came after #${heard.last}`);
    }
    heard.numbers.add(n);
    heard.last = Math.max(heard.last, n);
  }

  #fault(words: string): void {
    if (this.faults.length < SHOWN) this.faults.push(words);
  }

  #channel(key: string): Heard {
    const known = this.#channels.get(key) ?? { numbers: new Set(), last: 0 };
    this.#channels.set(key, known);
    return known;
  }
}
