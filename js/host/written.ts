/** What the agent has written so far, on its way to the core: its last state, now and then. */

/** The gateway tells each word; nobody reads faster than this. */
const FLUSH_MS = 300;

/** The gateway makes the text only if it is read. */
type Partial = { readonly text?: string | undefined };

export class Written {
  readonly #tell: (text: string) => void;
  #latest: Partial | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /**
   * Takes what is written so far. Answers that people have seen nothing of it: whether they will is the core's decision, and
   * of a turn that fails the gateway has to say so itself, unless it believes that a part of the answer is there.
   */
  readonly take = (partial: Partial): false => {
    if (this.#isOver) return false;
    this.#latest = partial;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
    return false;
  };

  /** Forgets what waits: the whole text follows. */
  drop(): void {
    clearTimeout(this.#timer);
    [this.#timer, this.#latest] = [undefined, undefined];
  }

  /** The turn is over, however it ended. What the gateway tells later belongs to no answer. */
  end(): void {
    this.#isOver = true;
    this.drop();
  }

  #flush(): void {
    const text = this.#latest?.text;
    this.drop();
    if (text) this.#tell(text);
  }
}
