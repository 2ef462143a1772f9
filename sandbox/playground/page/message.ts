/** One message as a row of the conversation: who, when, what, and what each bot made of it. */

import type { ChatMessage, Trace } from "../protocol.ts";
import type { App } from "./app.ts";
import { avatar } from "./avatar.ts";
import { fill, h, setAttribute, setText, type Child, type Row } from "./dom.ts";
import { clock, countdown, size } from "./format.ts";
import { icon, type Icon } from "./icons.ts";
import { pieces, type Callable } from "./mentions.ts";
import { fateOf, waitsUntil } from "./path.ts";
import { nameOf, untraced } from "./state.ts";

/** A message, and whether it goes on from the one before: then its author is not named again. */
export interface Line {
  readonly message: ChatMessage;
  readonly goesOn: boolean;
  /** Bots that it has not reached yet. */
  readonly travelling: readonly string[];
}

export interface MessageDeeds {
  readonly select: (message: string, bot?: string) => void;
  readonly quote: (message: ChatMessage) => void;
  readonly recall: (message: ChatMessage) => void;
  /** Brings a quoted message into view. */
  readonly show: (message: string) => void;
}

export interface MessageRow extends Row<Line> {
  tick(): void;
}

export function messageRow(app: App, deeds: MessageDeeds): MessageRow {
  const element = h("article", { class: "message" });
  const fates = h("div", { class: "fates" });
  let shown: readonly unknown[] = [];
  let shownFates: readonly unknown[] = [];
  let current: Line | undefined;

  const update = (line: Line) => {
    const { store, view } = app;
    current = line;
    const { message, goesOn } = line;
    const traces = tracesToShow(app, message);
    setAttribute(element, "data-selected", isSelected(app, message.id));
    if (differs(shown, (shown = [message, goesOn, view.person, store.bots.length]))) {
      draw(app, element, fates, line, deeds);
    }
    if (differs(shownFates, (shownFates = [...traces, ...line.travelling]))) {
      const chips = traces.map(({ bot, path }) => fateChip(app, message.id, bot, path.reason, deeds));
      fill(fates, ...chips, ...line.travelling.map((bot) => fateChip(app, message.id, bot, null, deeds)));
      tick();
    }
  };
  const tick = () => {
    for (const chip of fates.children) {
      const bot = chip instanceof HTMLElement ? chip.dataset["bot"] : undefined;
      if (current !== undefined && bot !== undefined) showFate(app, chip, current.message, bot);
    }
  };
  element.addEventListener("click", ({ target }) => {
    const isControl = target instanceof Element && target.closest("button, a") !== null;
    if (current !== undefined && !isControl && document.getSelection()?.isCollapsed !== false) {
      deeds.select(current.message.id);
    }
  });
  element.addEventListener("keydown", (event) => {
    if (current === undefined || event.target !== element || event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = deedOf(app, deeds, event.key);
    if (deed === undefined) return;
    event.preventDefault();
    deed(current.message);
  });
  return { element, update, tick };
}

/** What a key does with the focused message. */
function deedOf(app: App, deeds: MessageDeeds, key: string): ((message: ChatMessage) => void) | undefined {
  if (key === "Enter") return ({ id }) => deeds.select(id);
  if (key === "q" && app.view.hasShortcuts) return deeds.quote;
  if (key === "Delete") return (message) => canRecall(app, message) && deeds.recall(message);
  return undefined;
}

function differs(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length !== after.length || before.some((value, index) => value !== after[index]);
}

function isSelected({ store, view }: App, message: string): boolean {
  return view.message !== undefined && (view.message === message || store.questions.get(message) === view.message);
}

/** A bot's own messages come back to it; that says nothing that is not seen. */
function tracesToShow({ store }: App, { id }: ChatMessage): Trace[] {
  return [...(store.traces.get(id)?.values() ?? [])].filter(({ path }) => path.reason !== "own-message");
}

function canRecall({ view }: App, message: ChatMessage): boolean {
  return message.from === view.person && !message.isRecalled;
}

function draw(app: App, element: HTMLElement, fates: HTMLElement, { message, goesOn }: Line, deeds: MessageDeeds) {
  const { store, view, words } = app;
  const isBot = store.bots.some(({ id }) => id === message.from);
  const name = nameOf(store, message.from);
  const text = message.isRecalled ? words.chat.recalled : message.text;
  setAttribute(element, "aria-label", words.chat.message(name, clock(message.at), text || (message.file?.name ?? "")));
  setAttribute(element, "data-id", message.id);
  setAttribute(element, "data-from", isBot ? "bot" : "person");
  setAttribute(element, "data-goes-on", goesOn);
  setAttribute(element, "data-mine", message.from === view.person);
  const tag = isBot ? words.chat.bot : message.from === view.person ? words.chat.you : "";
  fill(
    element,
    avatar(message.from, name, isBot),
    h(
      "div",
      { class: "message-head" },
      h("span", { class: "message-name" }, name),
      tag !== "" && h("span", { class: "tag" }, tag),
      h("time", { datetime: new Date(message.at).toISOString() }, clock(message.at)),
      message.isEdited && h("span", { class: "muted" }, words.chat.edited),
    ),
    h("div", { class: "message-body" }, ...bodyOf(app, message, deeds)),
    fates,
    actionsOf(app, message, deeds),
  );
}

function bodyOf(app: App, message: ChatMessage, deeds: MessageDeeds): Child[] {
  const { store, words } = app;
  if (message.isRecalled) return [h("p", { class: "message-recalled" }, words.chat.recalled)];
  const { quote, file } = message;
  return [
    quote !== null &&
      h(
        "button",
        { type: "button", class: "quote", tabindex: -1, onclick: () => deeds.show(quote.id) },
        h("span", { class: "quote-name" }, nameOf(store, quote.from)),
        h("span", { class: "quote-text" }, quote.text || words.chat.missing),
      ),
    message.text !== "" && h("p", { class: "message-text" }, ...marked(app, message)),
    file !== null &&
      h(
        "a",
        { class: "file", href: file.url, download: file.name, tabindex: -1 },
        icon("file"),
        h("span", { class: "file-name" }, file.name),
        h("span", { class: "muted" }, file.size === null ? words.chat.unknownSize : size(file.size)),
      ),
  ];
}

/** Only who is really mentioned stands out: a name in the text alone calls nobody. */
function marked({ store, view, words }: App, { text, mentions }: ChatMessage): Child[] {
  const everybody: Callable[] = [
    { id: "all", name: "all" },
    { id: "all", name: words.composer.everybody },
  ];
  const callables = [...store.people, ...store.bots, ...everybody].filter(({ id }) => mentions.includes(id));
  return pieces(text, callables).map(({ text: piece, calls }) =>
    calls === undefined ? piece : h("span", { class: `mention${calls === view.person ? " is-me" : ""}` }, piece),
  );
}

function actionsOf(app: App, message: ChatMessage, deeds: MessageDeeds): HTMLElement {
  const { chat } = app.words;
  return h(
    "div",
    { class: "actions" },
    !message.isRecalled && action(chat.quote, "quote", () => deeds.quote(message)),
    canRecall(app, message) && action(chat.recall, "recall", () => deeds.recall(message)),
    action(chat.trace, "path", () => deeds.select(message.id)),
  );
}

function action(name: string, mark: Icon, onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "action", "aria-label": name, title: name, onclick }, icon(mark));
}

function fateChip(app: App, message: string, bot: string, reason: string | null, deeds: MessageDeeds): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "fate",
      // The row itself is the tab stop: Enter there does the same.
      tabindex: -1,
      "data-bot": bot,
      onclick: () => deeds.select(message, bot),
    },
    h("span", { class: "fate-mark", "aria-hidden": "true" }),
    h("span", { class: "fate-bot" }, nameOf(app.store, bot)),
    h("span", { class: "fate-text" }),
    h("code", { class: "fate-reason" }, reason ?? ""),
  );
}

function showFate(app: App, chip: Element, message: ChatMessage, bot: string): void {
  const now = app.serverNow();
  const trace = app.store.traces.get(message.id)?.get(bot);
  const fate = trace === undefined ? untraced(app.store, message, bot) : fateOf(trace, now);
  setAttribute(chip, "data-fate", fate);
  const until = trace === undefined ? undefined : waitsUntil(trace);
  const left = fate === "waiting" && until !== undefined ? ` ${countdown(until - now)}` : "";
  const text = chip.querySelector(".fate-text");
  if (text !== null) setText(text, app.words.fates[fate] + left);
}
