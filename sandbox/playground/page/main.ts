/** Starts the page: opens the stream of events, and draws what has changed once per frame. */

import { listen } from "./api.ts";
import { showTheme } from "./bar.ts";
import { onFrame } from "./dom.ts";
import { openPage, type Page } from "./page.ts";
import { apply, emptyStore } from "./state.ts";
import { openView } from "./view.ts";
import { words } from "./words.ts";

/** A countdown that shows tenths of a second. */
const TICK_MS = 100;

const store = emptyStore();
const view = openView();
let page: Page | undefined;
/** Nothing has been heard yet. */
let isNew = true;
const changed = onFrame(() => page?.draw());
showTheme(view.theme);
open();

listen(
  (event) => {
    apply(store, event, Date.now());
    // What was said before anybody looked is not new.
    if (event.type === "state" && isNew) {
      isNew = false;
      for (const [room, count] of store.arrived) view.seen.set(room, count);
    }
    changed();
  },
  () => {
    store.isLinked = false;
    changed();
  },
);
setInterval(() => document.visibilityState === "visible" && page?.tick(), TICK_MS);
document.addEventListener("visibilitychange", changed);

/** Also in another language: the texts are part of the elements, so these are made anew. */
function open(): void {
  page?.close();
  const serverNow = () => Date.now() + store.ahead;
  page = openPage({ store, view, words: words[view.language], serverNow, changed }, () => {
    open();
    document.querySelector<HTMLElement>(`[data-language="${view.language}"]`)?.focus();
  });
  page.draw();
}
