/**
 * A fast clock for the whole process. It must be imported before everything else: from then on `Date.now`, `setTimeout` and
 * `setInterval` run twenty times as fast (or as `pace` says), for the client (its core's alarm, its backoff, the grace of its sockets), for the
 * WebSocket library, for `fetch` and for the sandbox's servers alike. Sockets and bytes are real, and so is `performance.now`.
 *
 * What Node times in C++ or through its own internals does not change: socket timeouts of `node:net` and `node:http` (the
 * WebSocket library's handshake timeout is one), `node:timers/promises`, SQLite's busy timeout.
 */

/** A second takes 50 ms. Faster, and a busy machine would look like a network that lost something. */
const USUAL_SPEED = 20;

export const real = { now: Date.now, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

let speed = USUAL_SPEED;
/** A moment of the real clock, and what this clock said then. */
let origin = { real: real.now(), here: real.now() };

function now(): number {
  return Math.floor(origin.here + (real.now() - origin.real) * speed);
}

const pending = new Set<FastTimer>();

type Callback = (...args: unknown[]) => void;

/** Stands for Node's own Timeout. */
class FastTimer {
  due: number;
  readonly #callback: () => void;
  readonly #delay: number;
  readonly #repeats: boolean;
  #native: NodeJS.Timeout | undefined;
  #isRef = true;

  constructor(callback: () => void, delay: number, repeats: boolean) {
    this.#callback = callback;
    this.#delay = Math.max(1, delay);
    this.#repeats = repeats;
    this.due = now() + this.#delay;
    pending.add(this);
    this.arm();
  }

  /** Waits for what is left, as the clock stands now. */
  arm(): void {
    real.clearTimeout(this.#native);
    this.#native = real.setTimeout(() => this.#fire(), Math.ceil(Math.max(0, this.due - now()) / speed));
    if (!this.#isRef) this.#native.unref();
  }

  #fire(): void {
    if (this.#repeats) this.refresh();
    else this.close();
    this.#callback();
  }

  refresh(): this {
    this.due = now() + this.#delay;
    pending.add(this);
    this.arm();
    return this;
  }

  close(): this {
    real.clearTimeout(this.#native);
    pending.delete(this);
    return this;
  }

  ref(): this {
    this.#isRef = true;
    this.#native?.ref();
    return this;
  }

  unref(): this {
    this.#isRef = false;
    this.#native?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function clear(timer: unknown): void {
  if (timer instanceof FastTimer) timer.close();
  else real.clearTimeout(timer as NodeJS.Timeout | undefined);
}

function timers(repeats: boolean) {
  return (callback: Callback, delay?: number, ...args: unknown[]) =>
    new FastTimer(() => callback(...args), Number(delay) || 0, repeats);
}

Date.now = now;
Object.assign(globalThis, {
  setTimeout: timers(false),
  setInterval: timers(true),
  clearTimeout: clear,
  clearInterval: clear,
});

/** Seconds that nobody waits for: the clock is set forward, and what is due by then happens now, in its order. */
export function leap(seconds: number): void {
  set(now() + seconds * 1_000);
}

/** How many times as fast as the real clock this one runs from now on. */
export function pace(times: number): void {
  set(now(), times);
}

/** The same clock in several processes: so many times as fast since this moment of the real one. */
export function share(since: number, times: number): void {
  set(since, times, since);
}

function set(here: number, times = speed, since = real.now()): void {
  origin = { real: since, here };
  speed = times;
  for (const timer of [...pending].sort((one, other) => one.due - other.due)) timer.arm();
}
