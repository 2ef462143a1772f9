import type { Scope } from "./glue.js";

/**
 * The globals through which one wasm instance calls back later. A trap in such a callback stays the instance's own
 * instead of ending the process, and nothing of the instance runs once its scope is closed.
 */
export class InstanceScope implements Scope {
  #timers = new Set<NodeJS.Timeout>();
  #closed = false;
  #onTrap: (error: unknown) => void;

  constructor(onTrap: (error: unknown) => void) {
    this.#onTrap = onTrap;
  }

  setTimeout = (callback: () => void, delay: number): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#run(callback);
    }, delay);
    this.#timers.add(timer);
    return timer;
  };

  clearTimeout = (timer: NodeJS.Timeout): void => {
    this.#timers.delete(timer);
    clearTimeout(timer);
  };

  queueMicrotask = (callback: () => void): void => {
    queueMicrotask(() => this.#run(callback));
  };

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #run(callback: () => void): void {
    if (this.#closed) return;
    try {
      callback();
    } catch (error) {
      this.#onTrap(error);
    }
  }
}
