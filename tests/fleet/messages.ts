/** What a trial and the process with its accounts tell each other. */

import type { Channel } from "../../js/core/account.ts";
import type { Lifecycle, LogLevel } from "../../js/core/protocol.ts";
import type { Census } from "./census.ts";
import type { Fault } from "./faults.ts";

/** An account as the plugin would be given it, and what is wrong with it. */
export type AccountPlan = {
  channel: Channel;
  accountId: string;
  config: Readonly<Record<string, unknown>>;
  /** Path of its store. */
  store: string;
  /** One turn in so many is answered; none if there is no number. */
  answerOneIn?: number;
  fault?: Fault;
};

/** What the accounts are told. */
export type Order = { kind: "open"; accounts: AccountPlan[] } | { kind: "count" };

/** Moments are milliseconds of the machine's monotonic clock, which all its processes share. */
export type Report =
  | { kind: "opened" }
  | { kind: "counted"; census: Census }
  | { kind: "turn"; account: string; at: number; to: string; text: string; history: { text: string }[] }
  | { kind: "status"; account: string; at: number; lifecycle: Lifecycle; detail: string }
  | { kind: "replyWritten"; account: string }
  | { kind: "replyFailed"; account: string; error: string }
  | { kind: "logged"; account: string; level: LogLevel; text: string }
  /** Node complains, as it does of too many listeners. */
  | { kind: "warned"; text: string };

/** Now, on that clock. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
