/** Failures, in the sentence that they came with; each goes away by itself or when it is dismissed. */

import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import type { Words } from "./words.ts";

/** Long enough to read two sentences twice. */
const SHOWN_MS = 12_000;
/** More would cover the page; the oldest goes. */
const SHOWN = 3;

export function toasts(words: Words) {
  const element = h("div", { class: "toasts", role: "alert" });
  const show = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    const props = { type: "button", class: "quiet", "aria-label": words.dismiss } as const;
    const toast = h("div", { class: "toast" }, h("span", {}, text));
    toast.append(h("button", { ...props, onclick: () => toast.remove() }, icon("close")));
    element.append(toast);
    while (element.childElementCount > SHOWN) element.firstElementChild?.remove();
    setTimeout(() => toast.remove(), SHOWN_MS);
  };
  return { element, show };
}
