/** What the drive asks of the gateway. */
import type { Access, AccessQuestion, Effect, LogLevel, Status, TurnRequest } from "../core/protocol.ts";
import type { OpenFile } from "../io/outgoing-files.ts";

/** How a turn goes; the drive remembers it across a rebuild of the core. */
export interface TurnReports {
  adopted(): void;
  deferred(): void;
  abandoned(): void;
  /** The run of a turn that was deferred and then adopted is over. */
  settled(): void;
  ended(error?: string): void;
}

/** Which files of this machine may go along with a text, by the gateway's word. */
export type FileAccess = {
  localRoots: readonly string[];
  /** Where relative paths begin. */
  workspaceDir?: string;
};

export type FileOrder = Pick<Extract<Effect, { kind: "openFile" }>, "source" | "maxBytes" | "origin">;

export type AnswerSearch = Omit<Extract<Effect, { kind: "seekAnswer" }>, "kind">;

/** The gateway's side of one account. Nothing here throws or rejects but where it says so. */
export interface Host {
  /** Whether a sender may speak in a place. */
  askAccess(question: AccessQuestion): Promise<Access>;
  /** Writes a renewed token down; resolves with why it can't. Without a token: with why none could be. */
  keepToken(token: string | undefined): Promise<string | undefined>;
  /** Hands a turn to the agent and returns at once. */
  startTurn(turn: TurnRequest, reports: TurnReports): void;
  /** Sends what the agent has written as its answer, if that is all there; rejects if there is one and it was not sent. */
  seekAnswer(order: AnswerSearch): Promise<boolean>;
  /** Opens a file that is to be sent; rejects with a sentence for people. */
  openFile(order: FileOrder, access: FileAccess, signal: AbortSignal): Promise<OpenFile>;
  /** Shows the account's state to the operator. */
  publish(status: Status): void;
  /** The connection proved alive. */
  alive(): void;
  /** A message came in, or one went out. */
  moved(direction: "in" | "out"): void;
  log(level: LogLevel, text: string): void;
}
