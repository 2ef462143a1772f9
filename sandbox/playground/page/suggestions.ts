/** Completes a name after `@` in the composer's box. */

import type { App } from "./app.ts";
import { avatar } from "./avatar.ts";
import { fill, h, setAttribute } from "./dom.ts";
import { completionAt, type Callable, type Completion } from "./mentions.ts";

export interface Suggestions {
  readonly element: HTMLElement;
  /** Writes an `@` at the caret, and so asks whom. */
  readonly begin: () => void;
  /** Whether a key went to the list, so that it means nothing else. */
  readonly takes: (event: KeyboardEvent) => boolean;
}

export function suggestions(app: App, box: HTMLTextAreaElement, callables: () => readonly Callable[]): Suggestions {
  const element = h("div", {
    class: "suggestions",
    id: "suggestions",
    role: "listbox",
    "aria-label": app.words.composer.suggestions,
    hidden: true,
  });
  setAttribute(box, "aria-autocomplete", "list");
  setAttribute(box, "aria-controls", "suggestions");
  let completion: Completion | undefined;
  let at = 0;

  const draw = () => {
    setAttribute(element, "hidden", completion === undefined);
    const options = completion?.options ?? [];
    fill(element, ...options.map((callable, index) => option(app, callable, index === at, () => pick(callable))));
    setAttribute(box, "aria-activedescendant", completion === undefined ? undefined : `suggestion-${options[at]?.id}`);
    element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    completion = completionAt(box.value, box.selectionStart, callables());
    at = 0;
    draw();
  };
  const leave = () => {
    completion = undefined;
    draw();
  };
  const pick = (callable: Callable) => {
    if (completion === undefined) return;
    box.setRangeText(`@${callable.name} `, completion.start, box.selectionStart, "end");
    box.focus();
    leave();
    box.dispatchEvent(new Event("input"));
  };
  const step = (by: number) => {
    const count = completion?.options.length ?? 1;
    at = (at + by + count) % count;
    draw();
  };

  box.addEventListener("input", look);
  box.addEventListener("blur", leave);
  return {
    element,
    begin: () => {
      const before = box.value.slice(0, box.selectionStart);
      box.focus();
      box.setRangeText(/\S$/.test(before) ? " @" : "@", box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new Event("input"));
    },
    takes: (event) => {
      const chosen = completion?.options[at];
      if (chosen === undefined) return false;
      const deeds: Record<string, () => void> = {
        ArrowDown: () => step(1),
        ArrowUp: () => step(-1),
        Enter: () => pick(chosen),
        Tab: () => pick(chosen),
        Escape: leave,
      };
      const deed = event.altKey || event.shiftKey ? undefined : deeds[event.key];
      if (deed === undefined) return false;
      event.preventDefault();
      deed();
      return true;
    },
  };
}

function option(app: App, { id, name }: Callable, isSelected: boolean, onPick: () => void): HTMLElement {
  const isBot = app.store.bots.some((bot) => bot.id === id);
  const element = h(
    "div",
    { class: "suggestion", id: `suggestion-${id}`, role: "option", "aria-selected": String(isSelected) },
    avatar(id, name, isBot),
    h("span", {}, id === "all" ? `all · ${app.words.composer.everybody}` : name),
    isBot && h("span", { class: "tag" }, app.words.chat.bot),
  );
  // Before the box loses the focus, which would close the list.
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    onPick();
  });
  return element;
}
