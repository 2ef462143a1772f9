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
  readonly control: Control;
  /** Where each server listens; `model` is a provider's base URL. */
  readonly urls: { readonly dmwork: string; readonly mochat: string; readonly model: string; readonly control: string };
  /** Ids and tokens of the seeded people, bots and places. */
  readonly world: World;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const ledger = new Ledger();
  const [dmwork, mochat, model] = await Promise.all([
    DmworkServer.open(ledger, options.dmwork),
    MochatServer.open(ledger, options.mochat),
    ModelServer.open(ledger, options.rules),
  ]);
  const world = seed(dmwork, mochat);
  const control = new Control(dmwork, mochat, model, ledger);
  const controlServer = await ControlServer.open(control, ledger, world);
  const close = async () => {
    await Promise.all([dmwork.close(), mochat.close(), model.close(), controlServer.close()]);
  };
  const urls = { dmwork: dmwork.url, mochat: mochat.url, model: model.url, control: controlServer.url };
  return { ledger, dmwork, mochat, model, control, urls, world, close, [Symbol.asyncDispose]: close };
}

if (import.meta.main) {
  await using sandbox = await startSandbox({ rules: [{ when: /[^]*/, reply: ({ asked }) => `You said: ${asked}` }] });
  process.stdout.write(`${JSON.stringify({ urls: sandbox.urls, world: sandbox.world }, null, 2)}\n`);
  await once(process, "SIGINT");
}
