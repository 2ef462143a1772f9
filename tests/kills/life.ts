/** One life of the process that is killed. */

import { real } from "../client/clock.ts";
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Death } from "./plan.ts";
import type { Orders } from "./victim.ts";

const VICTIM = fileURLToPath(new URL("victim.ts", import.meta.url));

export class Life {
  readonly #child: ChildProcess;
  #timer: NodeJS.Timeout | undefined;
  /** How it ended, once it has: `SIGKILL`, or what was not meant to be. */
  ending: string | undefined;
  readonly ended: Promise<void>;

  constructor(orders: Orders, death?: Death) {
    const isNamed = death !== undefined && "point" in death;
    const env = isNamed ? { FAIL_POINT: `${death.point}:${death.times}` } : {};
    this.#child = fork(VICTIM, [JSON.stringify(orders)], { env: { ...process.env, ...env } });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#child.on("exit", (code, signal) => {
      real.clearTimeout(this.#timer);
      this.ending = signal ?? `exit ${code}`;
      resolve();
    });
  }

  /** In so many milliseconds of the real clock, said once. */
  killIn(ms: number): void {
    this.#timer ??= real.setTimeout(() => this.kill(), ms);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
