/** The core as JavaScript sees it: facts go in, orders come out. Whoever loads the wasm implements this. */
import type { EntryId, Input, Step } from "./protocol.ts";

/** The platforms that the core speaks. */
export type Channel = "mochat" | "dmwork";

/** The core is dead. */
export class CoreTrap extends WebAssembly.RuntimeError {
  /** The message that it was working on. */
  readonly subject: EntryId | undefined;

  constructor(text: string, subject: EntryId | undefined, cause?: unknown) {
    super(text, { cause });
    this.subject = subject;
  }
}

/** One bot account. Both calls may throw: a trapped core is never called again, not even to dispose of it. */
export interface CoreAccount extends Disposable {
  /** Takes a fact. */
  handle(input: Input): Step;
  /** Takes what came in asynchronously (HTTP answers, the timer) since the last call. */
  pump(): Step;
}

/** What an account is opened with. */
export type CoreOptions = {
  channel: Channel;
  accountId: string;
  /** The account's configuration, root keys merged under it. The core checks it. */
  config: unknown;
  /** Called when something waits for `pump()`. The call must not pump from its own stack: it may come out of wasm. */
  wake: () => void;
};

/** Opens an account; rejects with one sentence for the operator if the configuration can't work. */
export type OpenCore = (options: CoreOptions) => Promise<CoreAccount>;

/** The wasm core. Loaded on first use, so that commands that only list accounts never pay for it. */
export const openCore: OpenCore = async (options) => {
  const { openWasmCore } = await import("./load.ts");
  return openWasmCore(options);
};
