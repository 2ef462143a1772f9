/** Where a person writes: text, mentions, a quote, a file. */

import type { Room, Say } from "../protocol.ts";
import { api } from "./api.ts";
import { attempt, type App, type Part } from "./app.ts";
import { fill, h, setAttribute, setText } from "./dom.ts";
import { size } from "./format.ts";
import { icon } from "./icons.ts";
import { calledIn, type Callable } from "./mentions.ts";
import { nameOf } from "./state.ts";
import { suggestions } from "./suggestions.ts";

/** What the server takes. */
const MAX_BYTES = 5_000_000;
/** The box grows with its text up to this. In pixels. */
const MAX_HEIGHT = 200;

export interface Composer extends Part {
  focus(): void;
}

export function composer(app: App): Composer {
  const { store, view, words } = app;
  const texts = words.composer;
  let file: File | undefined;
  const box = h("textarea", { class: "composer-box", rows: 1, "aria-describedby": "composer-keys" });
  const quoteBar = h("div", { class: "composer-extra" });
  const fileBar = h("div", { class: "composer-extra" });
  const picker = h("input", { type: "file", class: "visually-hidden", tabindex: -1, "aria-label": texts.attach });
  const room = () => store.rooms.find(({ id }) => id === view.room);
  const names = suggestions(app, box, () => callablesIn(app, room()));

  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, MAX_HEIGHT)}px`;
  };
  const take = (taken: File | undefined) => {
    if (taken !== undefined && taken.size > MAX_BYTES) return app.fail(new Error(texts.tooLarge));
    file = taken;
    picker.value = "";
    app.changed();
  };
  const unquote = () => {
    view.quote = undefined;
    app.changed();
  };
  const send = async () => {
    const at = room();
    const text = box.value.trim();
    if (at === undefined || (text === "" && file === undefined)) return;
    const [attached, quoted] = [file, view.quote];
    // At once, so that the next text can be typed; a refused one comes back.
    [box.value, file] = ["", undefined];
    unquote();
    grow();
    const said = await attempt(app, async () => api.say(await messageOf(app, at, text, quoted, attached)));
    if (said || box.value !== "") return;
    [box.value, file, view.quote] = [text, attached, quoted];
    grow();
    app.changed();
  };

  const form = h(
    "form",
    { class: "composer", "aria-label": texts.name },
    quoteBar,
    fileBar,
    names.element,
    h(
      "div",
      { class: "composer-row" },
      button(texts.mention, "at", names.begin),
      button(texts.attach, "attach", () => picker.click()),
      picker,
      box,
      h("button", { type: "submit", class: "primary send", "aria-label": texts.send, title: texts.send }, icon("send")),
    ),
    h("p", { class: "visually-hidden", id: "composer-keys" }, texts.keys),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
    box.focus();
  });
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    // A key that ends the composition of a character is not the person's Enter.
    if (event.isComposing || names.takes(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && (view.quote !== undefined || file !== undefined)) {
      event.preventDefault();
      file = undefined;
      unquote();
    }
  });
  picker.addEventListener("change", () => take(picker.files?.[0]));
  box.addEventListener("paste", ({ clipboardData }) => {
    const [pasted] = clipboardData?.files ?? [];
    if (pasted !== undefined) take(pasted);
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  });

  const draw = () => {
    const at = room();
    const label = (at?.kind === "direct" ? texts.to : texts.as)(nameOf(store, view.person), at?.title ?? "");
    setAttribute(box, "aria-label", label);
    setAttribute(box, "placeholder", label);
    drawExtra(quoteBar, quoteText(app), texts.noQuote, unquote);
    const attached = file === undefined ? undefined : words.chat.file(file.name, size(file.size));
    drawExtra(fileBar, attached, texts.removeFile, () => take(undefined));
  };
  return { element: form, draw, focus: () => box.focus() };
}

function button(name: string, mark: "at" | "attach", deed: () => void): HTMLElement {
  return h("button", { type: "button", class: "quiet", "aria-label": name, title: name, onclick: deed }, icon(mark));
}

function quoteText({ store, view, words }: App): string | undefined {
  const quoted = store.messages.get(view.room)?.find(({ id }) => id === view.quote);
  if (quoted === undefined) return undefined;
  return `${words.composer.quoting(nameOf(store, quoted.from))}: ${quoted.text || (quoted.file?.name ?? "")}`;
}

function drawExtra(bar: HTMLElement, text: string | undefined, remove: string, onRemove: () => void): void {
  setAttribute(bar, "hidden", text === undefined);
  if (text === undefined || bar.firstElementChild?.textContent === text) return;
  const label = h("span", { class: "composer-extra-text" });
  setText(label, text);
  const props = { type: "button", class: "quiet", "aria-label": remove, title: remove } as const;
  fill(bar, label, h("button", { ...props, onclick: onRemove }, icon("close")));
}

/** Everybody else in the room, bots first: they are what one calls here. */
function callablesIn({ store, view }: App, room: Room | undefined): Callable[] {
  if (room === undefined || room.kind === "direct") return [];
  const bots = store.bots.filter(({ id }) => room.bots.includes(id));
  const people = store.people.filter(({ id }) => room.people.includes(id) && id !== view.person);
  return [...bots, ...people, ...(room.canCallAll ? [{ id: "all", name: "all" }] : [])];
}

async function messageOf(app: App, room: Room, text: string, quote?: string, file?: File): Promise<Say> {
  const mentions = calledIn(text, callablesIn(app, room));
  return {
    room: room.id,
    from: app.view.person,
    text,
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(quote === undefined ? {} : { quote }),
    ...(file === undefined ? {} : { file: await encoded(file) }),
  };
}

async function encoded(file: File): Promise<NonNullable<Say["file"]>> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(typeof reader.result === "string" ? reader.result : ""));
    reader.addEventListener("error", () => reject(reader.error ?? new Error(file.name)));
    reader.readAsDataURL(file);
  });
  const type = file.type || "application/octet-stream";
  return { name: file.name, type, base64: url.slice(url.indexOf(",") + 1) };
}
