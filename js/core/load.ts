/** Opens accounts of the core, each in a wasm instance of its own: a trap costs one account. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CoreTrap, type CoreAccount, type CoreOptions, type OpenCore } from "./account.ts";
import { messageOf } from "./errors.ts";
import type { Bindings, WasmAccount } from "./glue.js";
import type { Effect, Input, NewEntry, Step } from "./protocol.ts";
import { InstanceScope } from "./scope.ts";

/** Opens an account. Rejects with the sentence about the configuration if that can't work. */
export const openWasmCore: OpenCore = async (options) => {
  // Kept apart from this file, which reads another: the glue talks to the network.
  const [{ createCore }, module] = await Promise.all([import("./glue.js"), compiledModule()]);
  return new Instance(options, createCore, module);
};

type Compiled = { module: WebAssembly.Module; hash: string };

let compiled: Promise<Compiled> | undefined;

/** Compiled once in a process; instances share the code. */
export async function compiledModule(): Promise<WebAssembly.Module> {
  return (await compile()).module;
}

/** The first twelve digits of the module's SHA-256, as the build prints them. */
export async function coreHash(): Promise<string> {
  return (await compile()).hash;
}

function compile(): Promise<Compiled> {
  compiled ??= readFile(new URL("./core.wasm", import.meta.url))
    .then(async (bytes) => ({
      module: await WebAssembly.compile(bytes),
      hash: createHash("sha256").update(bytes).digest("hex").slice(0, 12),
    }))
    .catch((error: unknown) => {
      compiled = undefined;
      throw error;
    });
  return compiled;
}

class Instance implements CoreAccount {
  #options: CoreOptions;
  #bindings: Bindings;
  #account: WasmAccount;
  #scope: InstanceScope;
  #ringing = false;
  #closed = false;
  #trap: CoreTrap | undefined;

  constructor(options: CoreOptions, createCore: (scope: InstanceScope) => Bindings, module: WebAssembly.Module) {
    this.#options = options;
    this.#scope = new InstanceScope((error) => {
      this.#trapped(error);
      this.#ring();
    });
    this.#bindings = createCore(this.#scope);
    this.#bindings.initSync({ module });
    const { channel, config } = options;
    this.#account = new this.#bindings.Account(channel, JSON.stringify(config ?? {}), () => this.#ring());
  }

  handle(input: Input): Step {
    // The one kind that is frequent and all bytes.
    if (input.kind === "frameReceived") {
      return this.#enter((account) => account.frame(Date.now(), input.epoch, input.bytes));
    }
    // As frequent, and all of it came from the core.
    const isOurs = input.kind === "committed" || input.kind === "entriesRead";
    const json = JSON.stringify({ [input.kind]: input }, isOurs ? undefined : readable);
    return this.#enter((account) => account.handle(Date.now(), json));
  }

  pump(): Step {
    return this.#enter((account) => account.pump(Date.now()));
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    // Freeing runs code of the instance, which nothing should after a trap. It is garbage either way.
    if (!this.#trap) this.#account.free();
    this.#scope.close();
  }

  #enter(call: (account: WasmAccount) => string): Step {
    if (this.#closed) throw new Error(`Account ${this.#options.accountId} is closed`);
    if (this.#trap) throw this.#trap;
    try {
      return parse(call(this.#account));
    } catch (error) {
      // A RangeError is JavaScript's stack that overflowed inside of wasm. Any other error was returned in order.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) throw this.#trapped(error);
      throw error;
    }
  }

  #trapped(error: unknown): CoreTrap {
    const reason = messageOf(error);
    const place = this.#bindings.panicLocation() || "no panic";
    const subject = this.#bindings.subject() || undefined;
    // Nothing of it runs again: its memory can't be trusted.
    this.#scope.close();
    this.#trap ??= new CoreTrap(`The core trapped: ${reason} (${place})`, subject, error);
    return this.#trap;
  }

  /** Outside of the instance's own stack, and once for many rings. */
  #ring(): void {
    if (this.#ringing) return;
    this.#ringing = true;
    queueMicrotask(() => {
      this.#ringing = false;
      if (!this.#closed) this.#options.wake();
    });
  }
}

/** As Rust reads it: bytes as an array, and no half of a character, which somebody's cut through an emoji leaves. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  return value instanceof Uint8Array ? [...value] : value;
}

/** The first line is the step as JSON. Each record that it orders to write follows in a line of its own. */
function parse(text: string): Step {
  let [start, end] = [0, endOfLine(text, 0)];
  const step: Step = JSON.parse(text.slice(start, end));
  for (const effect of step.effects) {
    if (effect.kind === "sendFrame") effect.bytes = Uint8Array.from(effect.bytes);
    if (!writes(effect)) continue;
    for (const entry of effect.entries) {
      [start, end] = [end + 1, endOfLine(text, end + 1)];
      entry.record = text.slice(start, end);
    }
  }
  return step;
}

/** The orders to write entries, all of them: the type knows which these are. */
type Writing = Extract<Effect, { entries: NewEntry[] }>;
const WRITING: Record<Writing["kind"], true> = { commit: true, reopen: true };

function writes(effect: Effect): effect is Writing {
  return effect.kind in WRITING;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}
