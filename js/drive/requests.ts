/** What the gateway asked of the core and waits for. */
import type { Effect, EntryId, Probe, RequestId } from "../core/protocol.ts";
import type { FileAccess } from "./host.ts";

export type Settlement = Extract<Effect, { request: RequestId }>;

/** A message that was not sent, or not all of it. */
export class SendError extends Error {
  /** The parts that did go out, in order. */
  readonly messageIds: readonly string[];

  constructor(reason: string, messageIds: readonly string[] = []) {
    super(reason);
    this.name = "SendError";
    this.messageIds = messageIds;
  }
}

/** Also one of another copy of this module, of which the gateway loads several. */
export function isSendError(error: unknown): error is SendError {
  return error instanceof Error && error.name === "SendError" && "messageIds" in error;
}

type Waiting = PromiseWithResolvers<Settlement> & { turn?: EntryId; access: FileAccess };

const NO_FILES: FileAccess = { localRoots: [] };

export class Requests {
  readonly #waiting = new Map<RequestId, Waiting>();
  #last = 0;

  /** Asks with a new id and waits for its settlement. */
  ask(tell: (request: RequestId) => void, access = NO_FILES): Promise<Settlement> {
    // The core counts in 32 bits.
    this.#last = (this.#last + 1) >>> 0;
    const waiting: Waiting = { ...Promise.withResolvers<Settlement>(), access };
    this.#waiting.set(this.#last, waiting);
    tell(this.#last);
    return waiting.promise;
  }

  /** Which files may go along with a text. */
  accessOf(request: RequestId): FileAccess {
    return this.#waiting.get(request)?.access ?? NO_FILES;
  }

  /** A text turned out to be a part of the reply to a turn. */
  assign(request: RequestId, turn: EntryId): void {
    const waiting = this.#waiting.get(request);
    if (waiting) waiting.turn = turn;
  }

  /** The turn that a text replies to, as long as the text is on its way. */
  turnOf(request: RequestId): EntryId | undefined {
    return this.#waiting.get(request)?.turn;
  }

  settle(settlement: Settlement): void {
    this.#waiting.get(settlement.request)?.resolve(settlement);
    this.#waiting.delete(settlement.request);
  }

  /** Whoever was to answer is gone. */
  reject(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The ids of what was sent; throws `SendError` if it is not all of it. */
export function sentIds(settlement: Settlement): string[] {
  if (settlement.kind !== "settleSend") throw new SendError(`answered with ${settlement.kind}`);
  if (settlement.error !== undefined) throw new SendError(settlement.error, settlement.messageIds);
  return settlement.messageIds;
}

/** The words of an answer to a tool call; throws those of a refusal. */
export function answered(settlement: Settlement): string {
  if (settlement.kind === "settleSend") return `posted as message ${sentIds(settlement).join(", ")}`;
  if (settlement.kind !== "settleTool") throw new Error(`answered with ${settlement.kind}`);
  if (!settlement.ok) throw new Error(settlement.text);
  return settlement.text;
}

export function probed(settlement: Settlement): Probe {
  if (settlement.kind !== "settleProbe") throw new Error(`answered with ${settlement.kind}`);
  return settlement.probe;
}
