// A gateway whose agent can be stopped, and that counts what it is given.

import type { Access, LogLevel, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { Host, TurnReports } from "../../js/drive/host.ts";

export class StoppableHost implements Host {
  /** Messages that were committed, and asked about. */
  asked = 0;
  /** Messages that were given as turns. */
  turns = 0;
  isReady = false;
  /** What must not be. */
  #fault: Error | undefined;
  /** Called after everything that changes any of this. */
  #changed: () => void = () => undefined;
  /** Turns that the agent did not take yet, while it is stopped. */
  #held: TurnReports[] | undefined;
  /** The number of the last message, by place. */
  readonly #last = new Map<string, number>();

  keepToken(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  askAccess(): Promise<Access> {
    this.asked += 1;
    this.#changed();
    return Promise.resolve({ ruling: "allowed" });
  }

  seekAnswer(): Promise<boolean> {
    return Promise.resolve(false);
  }

  openFile(..._order: Parameters<Host["openFile"]>): ReturnType<Host["openFile"]> {
    return Promise.reject(new Error("there are no files"));
  }

  startTurn(turn: TurnRequest, reports: TurnReports): void {
    this.#check(turn);
    if (this.#held) this.#held.push(reports);
    else adopt(reports);
    this.#changed();
  }

  publish({ lifecycle }: Status): void {
    this.isReady = lifecycle === "ready";
    this.#changed();
  }

  alive(): void {}

  moved(): void {}

  log(level: LogLevel, text: string): void {
    if (level === "error") this.#fail(text);
  }

  /** From now on turns are taken note of, and nothing more. */
  stop(): void {
    this.#held = [];
  }

  start(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    held.forEach(adopt);
  }

  /** Resolves once the condition holds, and what led to it is done. Rejects if something came as it should not. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#changed = () => {
        if (this.#fault) reject(this.#fault);
        else if (condition()) setImmediate(resolve);
      };
      this.#changed();
    });
  }

  /** Each message is one turn, and each place counts its messages from 1 without a gap. */
  #check({ to, text, entries, history }: TurnRequest): void {
    const number = Number.parseInt(text);
    const expected = (this.#last.get(to) ?? 0) + 1;
    if (number !== expected) this.#fail(`message ${number} of ${to} came instead of ${expected}`);
    if (entries.length !== 1 || history.length > 0) this.#fail(`message ${number} of ${to} did not come alone`);
    this.#last.set(to, number);
    this.turns += 1;
  }

  #fail(text: string): void {
    this.#fault ??= new Error(text);
    this.#changed();
  }
}

function adopt(reports: TurnReports): void {
  reports.adopted();
  reports.ended();
}
