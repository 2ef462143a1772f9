/**
 * The sandbox: both chat platforms, a scripted model and the means to disturb them, on loopback ports of the system's choice.
 * `node sandbox/index.ts` runs it alone and prints where everything is.
 */

import { once } from "node:events";
import { Control } from "./control.ts";
import { ControlServer } from "./control-http.ts";
import { DmworkServer, type DmworkOptions } from "./dmwork.ts";
import { Ledger } from "./ledger.ts";
import { MochatServer, type MochatOptions } from "./mochat.ts";
import { ModelServer } from "./model.ts";
import type { Rule } from "./model-script.ts";
import { StorageServer } from "./storage.ts";
import { seed, type World } from "./world.ts";

export interface SandboxOptions {
  dmwork?: DmworkOptions | undefined;
  mochat?: MochatOptions | undefined;
  /** What the model answers. */
  rules?: readonly Rule[] | undefined;
}

export interface Sandbox extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly dmwork: DmworkServer;
  readonly mochat: MochatServer;
  readonly model: ModelServer;
  /** The object store behind DMWork's uploads, on an origin of its own. */
  readonly storage: StorageServer;
  readonly control: Control;
  /** Where each server listens; `model` is a provider's base URL. */
  readonly urls: Readonly<Record<"dmwork" | "mochat" | "model" | "storage" | "control", string>>;
  /** Ids and tokens of the seeded people, bots and places. */
  readonly world: World;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const ledger = new Ledger();
  const storage = await StorageServer.open(ledger);
  const [dmwork, mochat, model] = await Promise.all([
    DmworkServer.open(ledger, storage, options.dmwork),
    MochatServer.open(ledger, options.mochat),
    ModelServer.open(ledger, options.rules),
  ]);
  const world = seed(dmwork, mochat);
  const control = new Control(dmwork, mochat, model, ledger);
  const controlServer = await ControlServer.open(control, ledger, world);
  const close = async () => {
    await Promise.all([dmwork, mochat, model, storage, controlServer].map((server) => server.close()));
  };
  const urls = {
    dmwork: dmwork.url,
    mochat: mochat.url,
    model: model.url,
    storage: storage.url,
    control: controlServer.url,
  };
  return { ledger, dmwork, mochat, model, storage, control, urls, world, close, [Symbol.asyncDispose]: close };
}

if (import.meta.main) {
  // Listened for first: whoever reads the URLs may interrupt at once.
  const interrupted = once(process, "SIGINT");
  await using sandbox = await startSandbox({ rules: [{ when: /[^]*/, reply: ({ asked }) => `You said: ${asked}` }] });
  process.stdout.write(`${JSON.stringify({ urls: sandbox.urls, world: sandbox.world }, null, 2)}\n`);
  await interrupted;
}
