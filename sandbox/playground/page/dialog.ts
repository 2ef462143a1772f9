/** A modal dialog: focus goes in and comes back, and Escape closes it, all by the browser. */

import type { Words } from "./words.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";

export function openDialog(words: Words, title: string, kind: string, ...content: Node[]): HTMLDialogElement {
  const close = h("button", { type: "button", class: "quiet", "aria-label": words.close }, icon("close"));
  const dialog = h(
    "dialog",
    { class: `dialog ${kind}`, "aria-label": title },
    h("header", { class: "dialog-head" }, h("h2", {}, title), close),
    ...content,
  );
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
