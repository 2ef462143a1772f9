/** Both ends of every question: who was asked where, and what was answered where by whom. */

import { postOf, type Place } from "./places.ts";
import type { LedgerEntry } from "../../sandbox/ledger.ts";

const TOLD = /told:(q\d+)/g;
const EXCUSE = "⚠️";

type Question = { place: string; bots: readonly string[]; askedAt: number };
type Excuse = { place: string; who: string; at: number; text: string };

export class Audit {
  readonly #questions = new Map<string, Question>();
  /** By question and bot. */
  readonly #answers = new Map<string, number>();
  /** Answers of the wrong bot, or in the wrong place. */
  readonly stray: string[] = [];
  /** Questions to which the agent wrote an answer, whatever became of it. */
  readonly #written = new Set<string>();
  /** Texts in which the gateway says by itself that it can't answer: that it stops, or that something went wrong. */
  readonly excuses: Excuse[] = [];
  /** Milliseconds from each question to its answer. */
  readonly waits: number[] = [];

  ask(name: string, { key, bots }: Place): void {
    this.#questions.set(name, { place: key, bots, askedAt: performance.now() });
  }

  read(entry: LedgerEntry): void {
    const { server, data } = entry;
    if (server === "model") {
      for (const [, name = ""] of JSON.stringify(data["reply"] ?? "").matchAll(TOLD)) this.#written.add(name);
      return;
    }
    const post = postOf(entry);
    if (post === undefined) return;
    if (post.text.includes(EXCUSE)) this.excuses.push({ ...post, at: performance.now() });
    for (const [, name = ""] of post.text.matchAll(TOLD)) {
      const question = this.#questions.get(name);
      if (question?.place !== post.place || !question.bots.includes(post.who)) {
        this.stray.push(`${name} by ${post.who} in ${post.place}`);
        continue;
      }
      const key = `${name} by ${post.who}`;
      const times = this.#answers.get(key) ?? 0;
      this.#answers.set(key, times + 1);
      if (times === 0) this.waits.push(performance.now() - question.askedAt);
    }
  }

  get asked(): number {
    return [...this.#questions.values()].reduce((sum, { bots }) => sum + bots.length, 0);
  }

  get answered(): number {
    return this.#answers.size;
  }

  get lost(): string[] {
    const wanted = [...this.#questions].flatMap(([name, { bots }]) => bots.map((who) => `${name} by ${who}`));
    return wanted.filter((key) => !this.#answers.has(key));
  }

  /** Those of the lost that the agent had answered: the gateway did not hand the answer over, and nobody else has it. */
  get withheld(): string[] {
    return this.lost.filter((key) => this.#isWritten(key));
  }

  /** The others. */
  get unanswered(): string[] {
    return this.lost.filter((key) => !this.#isWritten(key));
  }

  /** Those of the lost in whose place their bot made an excuse next: it may have been for another question. */
  get excused(): string[] {
    return this.lost.flatMap((key) => {
      const [name = "", who] = key.split(" by ");
      const question = this.#questions.get(name);
      const next = this.excuses.find(
        (excuse) => excuse.who === who && excuse.place === question?.place && excuse.at > question.askedAt,
      );
      return question && next ? [`${key} after ${inSeconds(next.at - question.askedAt)}: ${next.text}`] : [];
    });
  }

  #isWritten(key: string): boolean {
    return this.#written.has(key.split(" ")[0] ?? "");
  }

  get twice(): string[] {
    return [...this.#answers].filter(([, times]) => times > 1).map(([key, times]) => `${key}, ${times} times`);
  }
}

/** As the report shows it. */
export function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
