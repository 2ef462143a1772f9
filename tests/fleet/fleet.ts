/** Accounts in a process of their own: what a trial holds of them. */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Status } from "../../js/core/protocol.ts";
import type { Census } from "./census.ts";
import type { AccountPlan, Order, Report } from "./messages.ts";

const PROCESS = fileURLToPath(new URL("./process.ts", import.meta.url));

export class Fleet implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #watchers = new Set<(report: Report) => void>();
  readonly #statuses = new Map<string, Status>();
  /** How many replies there were. */
  written = 0;
  /** Of replies, as the accounts told their host. */
  readonly failures: string[] = [];
  /** What must not be: complaints of Node, and the end of the process. */
  readonly faults: string[] = [];

  private constructor() {
    this.#process = fork(PROCESS, { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#process.on("message", (report: Report) => this.#hear(report));
    this.#process.once("exit", (code, signal) => this.faults.push(`the accounts' process ended: ${code ?? signal}`));
  }

  /** Starts the process with these accounts. Everything that it tells, from the first moment on, goes to the watcher. */
  static async open(accounts: AccountPlan[], watcher: (report: Report) => void): Promise<Fleet> {
    const fleet = new Fleet();
    fleet.watch(watcher);
    await fleet.#ask({ kind: "open", accounts }, "opened");
    return fleet;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Calls back on every report until the returned function is called. */
  watch(watcher: (report: Report) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  status(account: string): Status | undefined {
    return this.#statuses.get(account);
  }

  isReady(account: string): boolean {
    return this.status(account)?.lifecycle === "ready";
  }

  async count(): Promise<Census> {
    return (await this.#ask({ kind: "count" }, "counted")).census;
  }

  /** Stops the process as it stands, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.removeAllListeners("exit");
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  async #ask<K extends Report["kind"]>(order: Order, answer: K): Promise<Extract<Report, { kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Report, { kind: K }>>();
    const stop = this.watch((report) => {
      if (isA(report, answer)) resolve(report);
    });
    const ended = () => reject(new Error("the accounts' process ended"));
    this.#process.once("exit", ended);
    this.#process.send(order);
    return promise.finally(() => {
      stop();
      this.#process.off("exit", ended);
    });
  }

  #hear(report: Report): void {
    if (report.kind === "status") this.#statuses.set(report.account, report);
    if (report.kind === "replyWritten") this.written += 1;
    if (report.kind === "replyFailed") this.failures.push(`${report.account}: ${report.error}`);
    if (report.kind === "warned") this.faults.push(report.text);
    for (const watcher of this.#watchers) watcher(report);
  }
}

function isA<K extends Report["kind"]>(report: Report, kind: K): report is Extract<Report, { kind: K }> {
  return report.kind === kind;
}
