/** A gateway that audits its turns instead of keeping them, and answers some. */

import type { TurnRequest } from "../../js/core/protocol.ts";
import type { Drive } from "../../js/drive.ts";
import type { TurnReports } from "../../js/drive/host.ts";
import { OpenHost } from "../client/host.ts";
import { Audit } from "./audit.ts";

/** One turn in so many is answered: the bot's own words count in the sequences of direct chats too. */
const ANSWER_ONE_IN = 50;

export class AuditHost extends OpenHost {
  readonly audit: Audit;
  answered = 0;
  readonly #signature: string;

  /** Accounts of one run share their audit, and each signs its answers. */
  constructor(opened: Promise<Drive>, audit = new Audit(), signature = "answer") {
    super(opened);
    this.audit = audit;
    this.#signature = signature;
  }

  override readonly answer = (): string | undefined => {
    if (this.audit.turns % ANSWER_ONE_IN !== 0) return undefined;
    this.answered += 1;
    return `${this.#signature} ${this.answered}`;
  };

  override startTurn(turn: TurnRequest, reports: TurnReports): void {
    this.audit.take(turn);
    super.startTurn(turn, reports);
    this.turns.length = 0;
  }
}
