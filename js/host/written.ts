/** What the agent has written so far, on its way to the core: its last state, now and then. */

/** The gateway tells each word; nobody reads faster than this. */
const FLUSH_MS = 300;

/** The gateway makes the text only if it is read. */
type Partial = { readonly text?: string | undefined };

export class Written {
  readonly #tell: (text: string) => void;
  #latest: Partial | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  readonly take = (partial: Partial): void => {
    this.#latest = partial;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  };

  /** Forgets what waits: the whole text follows, or the turn is over. */
  drop(): void {
    clearTimeout(this.#timer);
    [this.#timer, this.#latest] = [undefined, undefined];
  }

  #flush(): void {
    const text = this.#latest?.text;
    this.drop();
    if (text) this.#tell(text);
  }
}
