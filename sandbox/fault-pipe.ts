/** One direction of a connection: bytes go through one after the other, and may be disturbed on their way. */

import type { Socket } from "node:net";
import { setImmediate as turnOfTheLoop, setTimeout as pause } from "node:timers/promises";

/** `up` is from the client to the server. */
export type Direction = "up" | "down";

/**
 * What happens to the next bytes of one direction, in the order in which it was asked for. `delay` holds the next `chunks`
 * back for `ms` each, `split` lets the next `bytes` through one at a time, `throttle` lets `bytes` through at a pace, and
 * `repeat` sends one chunk twice, which TCP never does and a broken middlebox may.
 */
export type Disturbance =
  | { readonly kind: "delay"; readonly direction: Direction; readonly ms: number; readonly chunks: number }
  | { readonly kind: "split"; readonly direction: Direction; readonly bytes: number }
  | { readonly kind: "repeat"; readonly direction: Direction }
  | {
      readonly kind: "throttle";
      readonly direction: Direction;
      readonly bytesPerSecond: number;
      readonly bytes: number;
    };

/** Between two parts of a throttled chunk; a part is what the pace allows in that time. */
const THROTTLE_STEP_MS = 5;
const STEPS_PER_SECOND = 1_000 / THROTTLE_STEP_MS;

export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #lost: (bytes: number) => void;
  readonly #waiting: Disturbance[] = [];
  /** Ends when everything that came so far went out. */
  #tail: Promise<void> = Promise.resolve();
  #isForgotten = false;
  #isEnded = false;

  constructor(from: Socket, to: Socket, lost: (bytes: number) => void) {
    this.#from = from;
    this.#to = to;
    this.#lost = lost;
    to.setNoDelay(true);
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("end", () => this.end());
  }

  disturb(disturbance: Disturbance): void {
    this.#waiting.push(disturbance);
  }

  /** From now on nothing comes through, what is on its way included. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** A FIN behind what is on its way. What comes after it is lost. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#then(() => {
      if (!this.#isForgotten && !this.#to.destroyed) this.#to.end();
    });
  }

  #take(chunk: Buffer): void {
    if (this.#isEnded) return this.#lost(chunk.length);
    // One chunk at a time, so that a slow way slows its sender down as a full buffer does.
    this.#from.pause();
    this.#then(async () => {
      await this.#pass(chunk);
      this.#from.resume();
    });
  }

  #then(work: () => void | Promise<void>): void {
    this.#tail = this.#tail.then(work);
  }

  async #pass(chunk: Buffer): Promise<void> {
    const disturbance = this.#waiting.shift();
    switch (disturbance?.kind) {
      case undefined:
        return this.#write(chunk);
      case "repeat":
        await this.#write(chunk);
        return this.#write(chunk);
      case "delay": {
        const left = disturbance.chunks - 1;
        if (left > 0) this.#waiting.unshift({ ...disturbance, chunks: left });
        await pause(disturbance.ms);
        return this.#write(chunk);
      }
      case "split":
        // Time for the other side to read it, or the system would join it with the next one.
        return this.#dribble(chunk, disturbance, 1, turnOfTheLoop);
      case "throttle": {
        const part = Math.max(1, Math.ceil(disturbance.bytesPerSecond / STEPS_PER_SECOND));
        return this.#dribble(chunk, disturbance, part, () => pause(THROTTLE_STEP_MS));
      }
    }
  }

  /** Writes a chunk in parts, as far as the disturbance goes; the rest of both is for later. */
  async #dribble(
    chunk: Buffer,
    disturbance: Extract<Disturbance, { bytes: number }>,
    size: number,
    rest: () => Promise<unknown>,
  ): Promise<void> {
    const most = Math.min(chunk.length, disturbance.bytes);
    for (let at = 0; at < most; at += size) {
      await this.#write(chunk.subarray(at, Math.min(at + size, most)));
      await rest();
    }
    const left = disturbance.bytes - most;
    if (left > 0) this.#waiting.unshift({ ...disturbance, bytes: left });
    else if (most < chunk.length) await this.#pass(chunk.subarray(most));
  }

  /** Resolves when the system has taken the bytes. */
  #write(chunk: Buffer): Promise<void> {
    if (this.#isForgotten || this.#to.destroyed) {
      this.#lost(chunk.length);
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    // A socket that breaks tells so by its close, which ends the passage.
    this.#to.write(chunk, () => resolve());
    return promise;
  }
}
