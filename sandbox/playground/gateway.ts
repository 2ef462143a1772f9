/** The gateway in front of everybody's eyes: it starts, is killed, starts again, and says so. */

import type { GatewayConfig, OpenClaw } from "../openclaw.ts";
import { Refusal } from "../refusal.ts";
import type { Gateway } from "./protocol.ts";

export class GatewayRunner implements AsyncDisposable {
  /** Called with each change. */
  readonly listeners = new Set<(gateway: Gateway) => void>();
  readonly #install: () => Promise<OpenClaw>;
  readonly #config: GatewayConfig;
  #claw: OpenClaw | undefined;
  #state: Gateway = { state: "installing", pid: null, since: Date.now(), note: null };
  /** Counts the starts: what an earlier one has to say no longer matters. */
  #start = 0;
  #isClosed = false;

  constructor(install: () => Promise<OpenClaw>, config: GatewayConfig) {
    this.#install = install;
    this.#config = config;
  }

  get state(): Gateway {
    return this.#state;
  }

  /** Where the gateway keeps its state, once it is installed. */
  get claw(): OpenClaw | undefined {
    return this.#claw;
  }

  /** Installs the plugin and starts the gateway. */
  async open(): Promise<void> {
    const claw = await this.#install();
    this.#claw = claw;
    await claw.configure(this.#config);
    if (this.#isClosed) await claw[Symbol.asyncDispose]();
    else await this.#run(claw);
  }

  /** Stops it, or kills it as a crash would, and starts it again. Resolves when it is ready. */
  async again(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const claw = this.#claw;
    if (claw?.pid === undefined)
      throw new Refusal(409, `what: the gateway does not run, it is ${this.#state.state}; wait until it is ready`);
    this.#start += 1;
    this.#become("stopping", signal === "SIGKILL" ? "killed by kill -9" : null);
    await claw.stop(signal);
    this.#become("stopped");
    await this.#run(claw);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#start += 1;
    this.#become("stopping");
    await this.#claw?.[Symbol.asyncDispose]();
    this.#become("stopped");
  }

  async #run(claw: OpenClaw): Promise<void> {
    this.#start += 1;
    const mine = this.#start;
    const starting = claw.start();
    this.#become("starting");
    try {
      await starting;
      if (claw.isHeldBack && mine === this.#start) await this.#startChannels(claw);
    } catch (error) {
      if (mine !== this.#start) return;
      this.#become("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
    if (mine === this.#start) this.#become("ready");
  }

  async #startChannels(claw: OpenClaw): Promise<void> {
    this.#become(
      "starting",
      "after several crashes the gateway leaves its channels stopped; they are started by its command",
    );
    for (const channel of ["mochat", "dmwork"]) {
      const params = JSON.stringify({ channel });
      const { code, out } = await claw.cli("gateway", "call", "channels.start", "--params", params);
      if (code !== 0) throw new Error(`${channel} did not start: ${out}`);
    }
  }

  #become(state: Gateway["state"], note: string | null = null): void {
    this.#state = { state, pid: this.#claw?.pid ?? null, since: Date.now(), note };
    for (const listener of this.listeners) listener(this.#state);
  }
}
