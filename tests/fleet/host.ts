/** A gateway that adopts every turn, has some of them answered, and tells another process of everything. */

import { setImmediate as immediate } from "node:timers/promises";
import type { Access, LogLevel, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { Drive } from "../../js/drive.ts";
import type { Host, TurnReports } from "../../js/drive/host.ts";
import { moment, type Report } from "./messages.ts";

type Options = { account: string; answerOneIn: number | undefined; tell: (report: Report) => void };

export class FleetHost implements Host {
  readonly #options: Options;
  readonly #opened: Promise<Drive>;
  #turns = 0;

  constructor(opened: Promise<Drive>, options: Options) {
    this.#opened = opened;
    this.#options = options;
  }

  keepToken(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  askAccess(): Promise<Access> {
    return Promise.resolve({ ruling: "allowed" });
  }

  /** It never writes an answer without sending it. */
  seekAnswer(): Promise<boolean> {
    return Promise.resolve(false);
  }

  openFile(): Promise<never> {
    return Promise.reject(new Error("there are no files"));
  }

  startTurn(turn: TurnRequest, reports: TurnReports): void {
    const { account, tell } = this.#options;
    const history = turn.history.map(({ text }) => ({ text }));
    tell({ kind: "turn", account, at: moment(), to: turn.to, text: turn.text, history });
    void this.#run(turn, reports);
  }

  publish({ lifecycle, detail }: Status): void {
    this.#options.tell({ kind: "status", account: this.#options.account, at: moment(), lifecycle, detail });
  }

  alive(): void {}

  moved(): void {}

  log(level: LogLevel, text: string): void {
    this.#options.tell({ kind: "logged", account: this.#options.account, level, text });
  }

  /** Never rejects. A gateway takes no turn over while it is offered: it has to read its own files first. */
  async #run(turn: TurnRequest, reports: TurnReports): Promise<void> {
    await immediate();
    reports.adopted();
    this.#turns += 1;
    const { answerOneIn } = this.#options;
    if (answerOneIn !== undefined && this.#turns % answerOneIn === 0) await this.#answer(turn);
    reports.ended();
  }

  /** Never rejects. */
  async #answer(turn: TurnRequest): Promise<void> {
    const { account, tell } = this.#options;
    tell({ kind: "replyWritten", account });
    try {
      await (await this.#opened).send(turn.to, answerTo(turn.text), { replyTo: turn.turn });
    } catch (error) {
      tell({ kind: "replyFailed", account, error: String(error) });
    }
  }
}

/** Names what it answers: the first word of the question. */
export function answerTo(question: string): string {
  return `re ${question.split(" ", 1)[0] ?? ""}`;
}
