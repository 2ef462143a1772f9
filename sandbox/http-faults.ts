/** Failures that the next HTTP calls of a server meet on purpose. */

export interface HttpFault {
  /** How many matching calls are hit; 1 by default. */
  times?: number | undefined;
  /** Only calls whose path contains this text. */
  match?: string | undefined;
  /** Answer with this status without running the call. */
  status?: number | undefined;
  /** Run the call nevertheless: it takes effect, and the answer says that it failed. */
  accepted?: boolean | undefined;
  retryAfterSeconds?: number | undefined;
  /** The answer's body instead of the platform's own error shape. */
  body?: unknown;
  /**
   * Reset the connection instead of answering: `before` the call ran, or `after` it took effect, which is the case that a
   * client cannot tell apart and must not retry blindly. `never` leaves the call open without an answer.
   */
  drop?: "before" | "after" | "never" | undefined;
}

export class HttpFaults {
  /** How far the server's clock is ahead of ours. */
  clockAheadMs = 0;
  #queue: { fault: HttpFault; left: number }[] = [];
  /** Asked about calls that no fault is waiting for: a server that is busy all day. */
  always: (path: string) => HttpFault | undefined = () => undefined;

  add(fault: HttpFault): void {
    this.#queue.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#queue = [];
  }

  /** The oldest fault that fits this call, which is used up by one, or what always happens. */
  take(path: string): HttpFault | undefined {
    const entry = this.#queue.find(({ fault }) => path.includes(fault.match ?? ""));
    if (entry === undefined) return this.always(path);
    entry.left -= 1;
    if (entry.left <= 0) this.#queue = this.#queue.filter((other) => other !== entry);
    return entry.fault;
  }
}
