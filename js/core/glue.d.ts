// glue.js is made by the build from wasm-bindgen's output; these are the parts of it that are used.

import type { Input, Step } from "./protocol.ts";

/** The globals that an instance is given instead of the process's own. */
export interface Scope {
  setTimeout: (callback: () => void, delay: number) => NodeJS.Timeout;
  clearTimeout: (timer: NodeJS.Timeout) => void;
  queueMicrotask: (callback: () => void) => void;
}

/** The class that Rust exports. */
export interface WasmAccount {
  handle(now: number, input: Input): Step;
  pump(now: number): Step;
  free(): void;
}

/** Bindings for one instance. */
export interface Bindings {
  initSync(options: { module: WebAssembly.Module }): { memory: WebAssembly.Memory };
  Account: new (channel: string, configJson: string, wake: () => void) => WasmAccount;
  /** `file:line:column` of the last panic, or nothing. */
  panicLocation(): string;
}

export function createCore(scope: Scope): Bindings;
