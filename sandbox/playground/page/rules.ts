/** The editor of a group's GROUP.md. */

import type { Room } from "../protocol.ts";
import { api } from "./api.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { h, setText } from "./dom.ts";

export async function editRules({ words, fail }: App, room: Room): Promise<void> {
  const texts = words.rules;
  const now = await api.rules(room.id).catch(fail);
  if (now === undefined) return;
  const text = h("textarea", { class: "rules-text", "aria-label": texts.text, rows: 14, spellcheck: "false" });
  text.value = now.text;
  const failure = h("p", { class: "dialog-failure", role: "alert" });
  const save = h("button", { type: "submit", class: "primary" }, words.save);
  const cancel = h("button", { type: "button" }, words.cancel);
  const form = h(
    "form",
    { method: "dialog", class: "rules-form" },
    h("p", { class: "muted" }, texts.about),
    text,
    failure,
    h("footer", { class: "dialog-foot" }, h("span", { class: "muted" }, texts.version(now.version)), cancel, save),
  );
  const dialog = openDialog(words, texts.title(room.title), "is-rules", form);
  text.focus();
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save.disabled = true;
    api.writeRules({ room: room.id, text: text.value }).then(
      () => dialog.close(),
      (error: unknown) => {
        save.disabled = false;
        setText(failure, error instanceof Error ? error.message : String(error));
      },
    );
  });
}
