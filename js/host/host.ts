/** The gateway as a drive sees it. */
import type { Access, AccessQuestion, LogLevel, Status, TurnRequest } from "../core/protocol.ts";
import type { Drive } from "../drive.ts";
import type { Host, TurnReports } from "../drive/host.ts";
import { askAccess } from "./access.ts";
import type { GatewayAccount } from "./account.ts";
import { StatusBoard } from "./status.ts";
import { startTurn } from "./turn.ts";

export class GatewayHost implements Host {
  readonly #account: GatewayAccount;
  readonly #board: StatusBoard;
  readonly #drive: () => Drive | undefined;

  /** `drive` is asked when it is needed: the drive is opened with this host. */
  constructor(account: GatewayAccount, drive: () => Drive | undefined) {
    this.#account = account;
    this.#drive = drive;
    this.#board = new StatusBoard((patch) => {
      this.#guard(() => account.setStatus({ accountId: account.accountId, ...patch }));
    });
  }

  async askAccess(question: AccessQuestion): Promise<Access> {
    try {
      return await askAccess(this.#account, question, (to, text) => this.#send(to, text));
    } catch (error) {
      return { kind: "unknown", error: String(error) };
    }
  }

  startTurn(turn: TurnRequest, reports: TurnReports): void {
    startTurn(this.#account, turn, reports, () => this.#drive()?.type(turn.to));
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

  async #send(to: string, text: string): Promise<void> {
    const drive = this.#drive();
    if (!drive) throw new Error("the account is not running");
    await drive.send(to, text);
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
