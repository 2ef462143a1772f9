/** "1,000 messages": people talk everywhere, and now and then ask a bot something by name. */

import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../refusal.ts";
import type { Counters } from "./counters.ts";
import type { Counters as Counts, Thousand as State } from "./protocol.ts";
import { question } from "./questions.ts";
import type { Rooms } from "./rooms.ts";
import type { Spot } from "./world.ts";
import type { Words } from "./speak.ts";

const MESSAGES = 1_000;
/** A lively day: about ten a second. */
const PAUSE_MS = 100;
/** One message in so many is a question; a person may ask ten a minute. */
const PER_QUESTION = 25;
/** Talk in the panel that a bot joins by itself: it answers all of it, so there is less. */
const PER_SMALL_TALK = 40;
/** Questions that are open at most: more would only wait for the machine. */
const MOST_OPEN = 12;

export class Thousand implements Disposable {
  readonly listeners = new Set<(state: State) => void>();
  readonly #rooms: Rooms;
  readonly #say: (words: Words) => void;
  readonly #counters: Counters;
  #stop: AbortController | undefined;
  #state: State = { isRunning: false, said: 0, of: MESSAGES };
  /** Names go on over several runs. */
  #questions = 0;

  constructor(rooms: Rooms, say: (words: Words) => void, counters: Counters) {
    this.#rooms = rooms;
    this.#say = say;
    this.#counters = counters;
  }

  get state(): State {
    return this.#state;
  }

  /** Begins, or ends what runs. */
  toggle(): void {
    if (this.#stop !== undefined) {
      this.#stop.abort();
      return;
    }
    if (!this.#counters.isEverybodyAttentive) {
      throw new Refusal(
        409,
        "what: not every bot has listened yet; wait until the gateway is ready and all are connected",
      );
    }
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  [Symbol.dispose](): void {
    this.#stop?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let nth = 0; nth < MESSAGES && !signal.aborted; nth += 1) {
      if (nth % PER_QUESTION === 0) await this.#breathe(signal);
      this.#speak(nth);
      this.#become({ isRunning: true, said: nth + 1, of: MESSAGES });
      await sleep(PAUSE_MS);
    }
    this.#stop = undefined;
    this.#become({ ...this.#state, isRunning: false });
  }

  /** Waits until few enough questions are open. */
  async #breathe(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && openIn(this.#counters.counts) > MOST_OPEN) await sleep(PAUSE_MS);
  }

  #speak(nth: number): void {
    const { spots } = this.#rooms;
    const isQuestion = nth % PER_QUESTION === 0;
    const quiet = spots.filter(({ kind, id }) => kind !== "direct" && kind !== "session" && id !== "mochat-build");
    const build = spots.find(({ id }) => id === "mochat-build");
    const spot = isQuestion
      ? spots[this.#questions % spots.length]
      : nth % PER_SMALL_TALK === 1
        ? build
        : quiet[nth % quiet.length];
    if (spot === undefined) return;
    const from = spot.people[nth % spot.people.length] ?? "";
    if (isQuestion) this.#ask(spot, from);
    else
      this.#say({
        room: spot.id,
        from,
        text: `message ${nth} of ${MESSAGES}`,
        mentions: [],
        quote: undefined,
        file: undefined,
      });
  }

  /** In a room of many every bot is called: each owes an answer. */
  #ask(spot: Spot, from: string): void {
    this.#questions += 1;
    const { text } = question(this.#questions);
    const mentions = spot.kind === "direct" ? [] : spot.bots;
    const called = mentions.map((bot) => `@${this.#rooms.nameOf(bot)} `).join("");
    this.#say({ room: spot.id, from, text: `${called}${text}`, mentions, quote: undefined, file: undefined });
  }

  #become(state: State): void {
    this.#state = state;
    for (const listener of this.listeners) listener(state);
  }
}

function openIn({ owed, answered, lost }: Counts): number {
  return owed - answered - lost;
}
