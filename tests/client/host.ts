/** A gateway that lets everybody in, adopts every turn, answers if it is told to, and writes everything down. */

import type { Access, LogLevel, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { Drive } from "../../js/drive.ts";
import type { AnswerSearch, FileOrder, Host, TurnReports } from "../../js/drive/host.ts";
import type { Finding } from "../canary.ts";
import type { OpenFile } from "../../js/io/outgoing-files.ts";

export class OpenHost implements Host {
  readonly turns: TurnRequest[] = [];
  /** Whether turns go on after the host has answered: whoever tells the story ends them. */
  keepsTurns = false;
  readonly statuses: Status[] = [];
  readonly lines: string[] = [];
  /** Refused and failed replies. */
  readonly failures: string[] = [];
  /** How often the connection proved alive. */
  alives = 0;
  /** Replies that are being sent. */
  busy = 0;
  /** What to answer to a turn, if anything. */
  answer: (turn: TurnRequest) => string | undefined = () => undefined;
  /** Files that may be sent. */
  readonly files = new Map<string, Buffer>();
  /** Called whenever something was written down. */
  onChange: () => void = () => undefined;
  readonly #opened: Promise<Drive>;

  constructor(opened: Promise<Drive>) {
    this.#opened = opened;
  }

  get status(): Status | undefined {
    return this.statuses.at(-1);
  }

  get isReady(): boolean {
    return this.status?.lifecycle === "ready";
  }

  /** All that it was told, but for the header of its fetches. */
  findings(): Finding[] {
    return [
      ["the log", this.lines.join("\n")],
      ["a status", JSON.stringify(this.statuses)],
      ["a failure", this.failures.join("\n")],
      ["a turn", JSON.stringify(this.turns, withoutHeader)],
    ];
  }

  texts(): string[] {
    return this.turns.map(({ text }) => text);
  }

  keepToken(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  askAccess(): Promise<Access> {
    return Promise.resolve({ ruling: "allowed" });
  }

  startTurn(turn: TurnRequest, reports: TurnReports): void {
    this.turns.push(turn);
    reports.adopted();
    void this.#run(turn, reports);
    this.onChange();
  }

  /** It never writes an answer without sending it. */
  seekAnswer(_order: AnswerSearch): Promise<boolean> {
    return Promise.resolve(false);
  }

  openFile({ source }: FileOrder): Promise<OpenFile> {
    const bytes = this.files.get(source);
    if (!bytes) return Promise.reject(new Error("it is not there"));
    return Promise.resolve({
      size: bytes.length,
      read: (into, position) => Promise.resolve(bytes.copy(into, 0, position)),
      close: () => Promise.resolve(),
    });
  }

  publish(status: Status): void {
    this.statuses.push(status);
    this.onChange();
  }

  alive(): void {
    this.alives += 1;
    this.onChange();
  }

  moved(): void {
    this.onChange();
  }

  log(level: LogLevel, text: string): void {
    this.lines.push(`${level}: ${text}`);
    this.onChange();
  }

  /** Never rejects. */
  async #run(turn: TurnRequest, reports: TurnReports): Promise<void> {
    const text = this.answer(turn);
    if (text !== undefined) await this.#reply(turn, text);
    if (!this.keepsTurns) reports.ended();
  }

  async #reply(turn: TurnRequest, text: string): Promise<void> {
    this.busy += 1;
    try {
      await (await this.#opened).send(turn.to, text, { replyTo: turn.turn });
    } catch (error) {
      this.failures.push(String(error));
    }
    this.busy -= 1;
    this.onChange();
  }
}

function withoutHeader(key: string, value: unknown): unknown {
  return key === "authorization" ? undefined : value;
}
