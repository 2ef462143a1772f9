/** The buttons that make life hard for the bots. */

import type { Platform as On } from "../control.ts";
import type { Sandbox } from "../index.ts";
import { Refusal } from "../refusal.ts";
import type { GatewayRunner } from "./gateway.ts";
import type { Platform, Trouble } from "./protocol.ts";
import type { Thousand } from "./thousand.ts";

/** Calls that a busy server refuses: fewer than the plugin tries for one reply, which may be all that is on its way. */
const REFUSED_CALLS = 5;

export const troubles = ["cut", "restore", "half-open", "kick", "429", "kill", "restart", "thousand"] as const;

export class Troubles {
  /** Called with the platforms that are cut off, whenever they have changed. */
  readonly listeners = new Set<(cut: readonly Platform[]) => void>();
  readonly #sandbox: Sandbox;
  readonly #gateway: GatewayRunner;
  readonly #thousand: Thousand;
  readonly #cut = new Set<Platform>();

  constructor(sandbox: Sandbox, gateway: GatewayRunner, thousand: Thousand) {
    this.#sandbox = sandbox;
    this.#gateway = gateway;
    this.#thousand = thousand;
  }

  get cut(): Platform[] {
    return [...this.#cut];
  }

  /** On one platform, or on both. Resolves when it has been done; a gateway comes back by itself later. */
  async make(what: Trouble["what"], on?: Platform): Promise<void> {
    const { control } = this.#sandbox;
    const platforms: readonly On[] = on === undefined ? ["mochat", "dmwork"] : [on];
    switch (what) {
      case "cut":
      case "restore":
        for (const platform of platforms) await this.#reach(platform, what === "restore");
        return;
      case "half-open":
        for (const platform of platforms) control.halfOpen({ on: platform });
        return;
      case "kick":
        for (const platform of platforms) control.kick({ on: platform });
        return;
      case "429":
        for (const platform of platforms)
          control.fail(platform, { status: 429, times: REFUSED_CALLS, retryAfterSeconds: 1 });
        return;
      case "kill":
        this.#again("SIGKILL");
        return;
      case "restart":
        this.#again("SIGTERM");
        return;
      case "thousand":
        this.#thousand.toggle();
    }
  }

  async #reach(platform: Platform, isReachable: boolean): Promise<void> {
    const { control } = this.#sandbox;
    if (isReachable) await control.restore(platform);
    else await control.cut(platform);
    if (isReachable) this.#cut.delete(platform);
    else this.#cut.add(platform);
    for (const listener of this.listeners) listener(this.cut);
  }

  /** What becomes of it shows in the gateway's state. */
  #again(signal: "SIGTERM" | "SIGKILL"): void {
    const { state } = this.#gateway.state;
    if (this.#gateway.claw?.pid === undefined)
      throw new Refusal(409, `what: the gateway is ${state}; wait until it is ready`);
    void this.#gateway.again(signal).catch(() => undefined);
  }
}
