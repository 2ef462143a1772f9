/** RECVs of one connection that were not acknowledged yet, sent again at an interval. They die with the connection. */

export class ResendTable {
  readonly #waiting = new Map<bigint, { bytes: Buffer; left: number; timer: NodeJS.Timeout }>();
  readonly #intervalMs: number;
  readonly #max: number;
  readonly #send: (bytes: Buffer, messageId: bigint) => void;

  constructor(intervalMs: number, max: number, send: (bytes: Buffer, messageId: bigint) => void) {
    this.#intervalMs = intervalMs;
    this.#max = max;
    this.#send = send;
  }

  /** The bytes go out again as they are: the DUP flag stays clear on the released servers. */
  add(messageId: bigint, bytes: Buffer): void {
    this.settle(messageId);
    const timer = setInterval(() => this.#again(messageId), this.#intervalMs);
    this.#waiting.set(messageId, { bytes, left: this.#max, timer });
  }

  /** True when the message was waiting. */
  settle(messageId: bigint): boolean {
    clearInterval(this.#waiting.get(messageId)?.timer);
    return this.#waiting.delete(messageId);
  }

  get unacked(): bigint[] {
    return [...this.#waiting.keys()];
  }

  /** Sends everything unacknowledged at once, as the timer would. */
  resendNow(): void {
    for (const messageId of this.unacked) this.#again(messageId);
  }

  close(): void {
    for (const messageId of this.unacked) this.settle(messageId);
  }

  #again(messageId: bigint): void {
    const entry = this.#waiting.get(messageId);
    if (entry === undefined) return;
    entry.left -= 1;
    this.#send(entry.bytes, messageId);
    if (entry.left <= 0) this.settle(messageId);
  }
}
