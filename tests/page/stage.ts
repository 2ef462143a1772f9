/** Everything that is real: the sandbox, a gateway with the packed plugin, and the playground in front of it. */

import { channels } from "../../sandbox/channels.ts";
import { rules } from "../../sandbox/demo/scenario.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { GatewayRunner } from "../../sandbox/playground/gateway.ts";
import { Playground } from "../../sandbox/playground/index.ts";
import { modelOf } from "../../sandbox/playground/model.ts";
import { namedRules } from "../../sandbox/playground/questions.ts";

export interface Stage extends AsyncDisposable {
  /** Of the page. */
  readonly url: string;
  readonly playground: Playground;
}

/** Resolves when the gateway is ready. `delayMs` is how long a panel's small talk waits. */
export async function stage(tarball: string, delayMs: number): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const sandbox = parts.use(await startSandbox({ rules: [...namedRules, ...rules] }));
  const model = parts.use(await modelOf(sandbox, {}));
  const configured = { modelUrl: model.url, channels: channels(sandbox, { replyDelayMs: delayMs }) };
  const gateway = parts.use(new GatewayRunner(() => OpenClaw.install(tarball), configured));
  const playground = parts.use(await Playground.open({ sandbox, gateway, model }));
  await gateway.open();
  const opened = parts.move();
  return { url: playground.url, playground, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
