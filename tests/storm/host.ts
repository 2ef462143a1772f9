/** A gateway whose scripted agent answers some of what it is told, and that looks at how long each message took. */

import type { Status, TurnRequest } from "../../js/core/protocol.ts";
import type { TurnReports } from "../../js/drive/host.ts";
import { AuditHost } from "../talk/audit-host.ts";

/** Real time after which a message counts as late, from when it was said or its account was back. */
const LATE_MS = 5_000;

export class StormHost extends AuditHost {
  late = 0;
  slowestMs = 0;
  /** When the account had a connection again, by the real clock. */
  #backAt = 0;
  /** When a message was said, by its text. */
  saidAt: (text: string) => number = () => 0;

  override publish(status: Status): void {
    if (status.lifecycle === "ready") this.#backAt = performance.now();
    super.publish(status);
  }

  override startTurn(turn: TurnRequest, reports: TurnReports): void {
    const took = performance.now() - Math.max(this.saidAt(turn.text), this.#backAt);
    this.slowestMs = Math.max(this.slowestMs, took);
    if (took > LATE_MS) this.late += 1;
    super.startTurn(turn, reports);
  }
}
