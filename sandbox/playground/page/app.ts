/** What every part of the page is given, and what a part is. */

import type { Store } from "./state.ts";
import type { View } from "./view.ts";
import type { Words } from "./words.ts";

export interface App {
  readonly store: Store;
  readonly view: View;
  readonly words: Words;
  /** The server's clock at this moment. */
  readonly serverNow: () => number;
  /** Something is to be drawn anew: done once in the next frame. */
  readonly changed: () => void;
  /** Shows a failure, in the sentence that it came with. */
  readonly fail: (error: unknown) => void;
  /** Says something to a screen reader. */
  readonly announce: (text: string) => void;
}

/** An area of the page. `draw` is called when something has changed and does nothing where nothing has. */
export interface Part {
  readonly element: HTMLElement;
  draw(): void;
  /** Called ten times a second while something is counted down. */
  tick?(): void;
}

/** Does what was asked for and shows its failure; answers with whether it was done. */
export async function attempt(app: App, deed: () => Promise<unknown>): Promise<boolean> {
  try {
    await deed();
    return true;
  } catch (error) {
    app.fail(error);
    return false;
  }
}
