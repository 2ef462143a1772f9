/** The keyboard's shortcuts, and the list of them. */

import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { h } from "./dom.ts";
import { keep, tabs, type Tab } from "./view.ts";

export interface Keys {
  readonly write: () => void;
  readonly rooms: () => void;
  readonly log: () => void;
  readonly tab: (tab: Tab) => void;
  /** The next room, or the one before. */
  readonly step: (by: 1 | -1) => void;
}

/** Listens until the signal. Single keys mean nothing in a text, in a choice, or when they are switched off. */
export function listenToKeys(app: App, keys: Keys, signal: AbortSignal): void {
  const single: Readonly<Record<string, () => void>> = {
    "?": () => showHelp(app),
    c: keys.write,
    r: keys.rooms,
    m: keys.log,
    ...Object.fromEntries(tabs.map((tab, index) => [String(index + 1), () => keys.tab(tab)])),
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]") !== null) return;
    const deed = event.altKey ? stepOf(keys, event) : singleOf(app, single, event);
    if (deed === undefined) return;
    event.preventDefault();
    deed();
  };
  document.addEventListener("keydown", onKey, { signal });
}

function stepOf(keys: Keys, { key, ctrlKey, metaKey }: KeyboardEvent): (() => void) | undefined {
  if (ctrlKey || metaKey) return undefined;
  return { ArrowDown: () => keys.step(1), ArrowUp: () => keys.step(-1) }[key];
}

function singleOf({ view }: App, single: Readonly<Record<string, () => void>>, event: KeyboardEvent) {
  const isTyping = event.target instanceof Element && event.target.matches("input, textarea, select");
  if (isTyping || !view.hasShortcuts || event.ctrlKey || event.metaKey) return undefined;
  return single[event.key];
}

export function showHelp(app: App): void {
  const { words, view } = app;
  const { keys, single, title } = words.help;
  const rows: readonly [string, string][] = [
    ["?", keys.help],
    ["c", keys.write],
    ["r", keys.rooms],
    ["m", keys.log],
    ["1 … 4", keys.tabs],
    ["Alt + ↑ ↓", keys.room],
    ["↑ ↓ Home End", keys.arrows],
    ["Enter", `${keys.send}; ${keys.select}`],
    ["q", keys.quote],
    ["Delete", keys.recall],
    ["Esc", keys.leave],
  ];
  const table = h(
    "dl",
    { class: "keys" },
    ...rows.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]),
  );
  const box = h("input", { type: "checkbox", id: "single-keys" });
  box.checked = view.hasShortcuts;
  box.addEventListener("change", () => {
    view.hasShortcuts = box.checked;
    keep(view);
  });
  openDialog(words, title, "is-help", table, h("label", { class: "check", for: "single-keys" }, box, single));
}
