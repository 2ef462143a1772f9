// glue.js is made by the build from wasm-bindgen's output; these are the parts of it that are used.

/** The globals that an instance is given instead of the process's own. */
export interface Scope {
  setTimeout: (callback: () => void, delay: number) => NodeJS.Timeout;
  clearTimeout: (timer: NodeJS.Timeout) => void;
  queueMicrotask: (callback: () => void) => void;
}

/** The class that Rust exports. */
export interface WasmAccount {
  /** Takes `{"<kind>":{…}}` and returns a step with its records in lines below, all as JSON with bytes as arrays. */
  handle(now: number, input: string): string;
  frame(now: number, epoch: number, bytes: Uint8Array): string;
  pump(now: number): string;
  free(): void;
}

/** The setup of an account: takes how the last order went and returns the next one as JSON. */
export interface WasmSetup {
  tell(fact: "started" | "answered" | "written" | "notWritten" | "settled", text: string): string;
  free(): void;
}

/** Bindings for one instance. */
export interface Bindings {
  initSync(options: { module: WebAssembly.Module }): { memory: WebAssembly.Memory };
  Account: new (channel: string, configJson: string, wake: () => void) => WasmAccount;
  Setup: new (factsJson: string, wake: () => void) => WasmSetup;
  /** `file:line:column` of the last panic, or nothing. */
  panicLocation(): string;
  /** The id of the message that was being worked on, or nothing. */
  subject(): string;
}

export function createCore(scope: Scope): Bindings;
