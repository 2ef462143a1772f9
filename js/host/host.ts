/** The gateway as a drive sees it. */
import type { Access, AccessQuestion, LogLevel, Status, TurnRequest } from "../core/protocol.ts";
import type { Drive } from "../drive.ts";
import type { AnswerSearch, FileAccess, FileOrder, Host, TurnReports } from "../drive/host.ts";
import type { OpenFile } from "../io/outgoing-files.ts";
import { askAccess } from "./access.ts";
import type { GatewayAccount } from "./account.ts";
import { sendFinished } from "./finished.ts";
import { openOutgoing } from "./outgoing-files.ts";
import { StatusBoard } from "./status.ts";
import { startTurn } from "./turn.ts";

export class GatewayHost implements Host {
  readonly #account: GatewayAccount;
  readonly #board: StatusBoard;
  readonly #opened: Promise<Drive>;

  /** The drive is opened with this host, so it can only be promised. */
  constructor(account: GatewayAccount, opened: Promise<Drive>) {
    this.#account = account;
    this.#opened = opened;
    this.#board = new StatusBoard((patch) => {
      this.#guard(() => account.setStatus({ accountId: account.accountId, ...patch }));
    });
  }

  async askAccess(question: AccessQuestion): Promise<Access> {
    try {
      return await askAccess(this.#account, question, async (to, text) => (await this.#opened).send(to, text));
    } catch (error) {
      return { ruling: "unknown", detail: String(error) };
    }
  }

  keepToken(token: string | undefined): Promise<string | undefined> {
    return this.#account.keepToken(token);
  }

  startTurn(turn: TurnRequest, reports: TurnReports): void {
    startTurn(this.#account, turn, reports, {
      type: async () => (await this.#opened).type(turn.to),
      // A turn that began is one of an open drive.
      write: (text) => void this.#opened.then((drive) => drive.write(turn.turn, text)),
    });
  }

  seekAnswer(order: AnswerSearch): Promise<boolean> {
    return sendFinished(this.#account, order);
  }

  openFile(order: FileOrder, access: FileAccess, signal: AbortSignal): Promise<OpenFile> {
    return openOutgoing(this.#account.runtime.media, order, access, signal);
  }

  publish(status: Status): void {
    this.#board.publish(status);
  }

  alive(): void {
    this.#board.alive();
  }

  moved(direction: "in" | "out"): void {
    this.#board.moved(direction);
  }

  log(level: LogLevel, text: string): void {
    const { log, accountId } = this.#account;
    this.#guard(() => log[level]?.(`[${accountId}] ${text}`));
  }

  /** A gateway that is shutting down may refuse; that must not reach the core. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      console.error(`[${this.#account.channel}] [${this.#account.accountId}] ${String(error)}`);
    }
  }
}
