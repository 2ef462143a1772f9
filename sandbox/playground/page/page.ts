/** The page as a whole, in one language: its parts side by side, and one that is chosen where there is no room for all. */

import type { App, Part } from "./app.ts";
import { bar } from "./bar.ts";
import { chat } from "./chat.ts";
import { h, fill, setAttribute, setText } from "./dom.ts";
import { icon, type Icon } from "./icons.ts";
import { inspector } from "./inspector.ts";
import { listenToKeys, showHelp } from "./keys.ts";
import { rooms, unreadIn } from "./rooms.ts";
import { roomsOf } from "./state.ts";
import { toasts } from "./toast.ts";
import { trouble } from "./trouble.ts";
import { keep, panes, type Pane } from "./view.ts";
import type { Words } from "./words.ts";

const paneIcons: Readonly<Record<Pane, Icon>> = { rooms: "panel", chat: "chat", inspect: "path", trouble: "bolt" };

/** What the page needs from outside; the rest of `App` it makes itself. */
export type Basis = Pick<App, "store" | "view" | "serverNow" | "changed"> & { readonly words: Words };

export interface Page {
  draw(): void;
  tick(): void;
  close(): void;
}

export function openPage(basis: Basis, onLanguage: () => void): Page {
  const { store, view, words } = basis;
  const said = h("p", { class: "visually-hidden", "aria-live": "polite" });
  const failures = toasts(words);
  const app: App = { ...basis, fail: failures.show, announce: (text) => void (said.textContent = text) };
  const closed = new AbortController();

  const select = (message: string, bot?: string) => {
    view.message = store.questions.get(message) ?? message;
    view.bot = bot ?? view.bot;
    view.tab = "trace";
    view.pane = "inspect";
    app.changed();
  };
  const enter = (room: string) => {
    Object.assign(view, { room, message: undefined, quote: undefined });
    keep(view);
    app.changed();
  };
  const go = (room: string) => {
    view.pane = "chat";
    enter(room);
  };
  const be = (person: string) => {
    view.person = person;
    const mine = roomsOf(store, person);
    // The rooms stay in sight: a person is chosen first, and a room next.
    if (!mine.some(({ id }) => id === view.room)) enter(mine[0]?.id ?? "");
    keep(view);
    app.changed();
  };
  const parts = {
    bar: bar(app, onLanguage, () => showHelp(app)),
    trouble: trouble(app),
    rooms: rooms(app, { person: be, room: go }),
    chat: chat(app, select),
    inspect: inspector(app),
    nav: paneNav(app),
  };
  const linkLost = h("p", { class: "link-lost", role: "status" });
  const all: readonly Part[] = Object.values(parts);
  fill(document.body, ...all.map(({ element }) => element), linkLost, failures.element, said);
  document.documentElement.lang = view.language === "zh" ? "zh-CN" : "en";
  document.title = words.title;
  listenToKeys(app, keysOf(app, go), closed.signal);

  const draw = () => {
    settle(app);
    setAttribute(document.body, "data-pane", view.pane);
    setAttribute(linkLost, "hidden", store.isLinked);
    setText(linkLost, store.isLinked ? "" : words.linkLost);
    for (const part of all) part.draw();
  };
  const tick = () => {
    for (const part of all) part.tick?.();
  };
  return { draw, tick, close: () => closed.abort() };
}

/** A person and a room are always chosen, and are ones that there are. */
function settle({ store, view }: App): void {
  if (!store.people.some(({ id }) => id === view.person)) view.person = store.people[0]?.id ?? "";
  const mine = roomsOf(store, view.person);
  if (!mine.some(({ id }) => id === view.room)) view.room = mine[0]?.id ?? "";
}

function keysOf(app: App, go: (room: string) => void) {
  const { store, view } = app;
  const focus = (selector: string, pane: Pane) => {
    view.pane = pane;
    setAttribute(document.body, "data-pane", pane);
    document.querySelector<HTMLElement>(selector)?.focus();
  };
  return {
    write: () => focus(".composer-box", "chat"),
    rooms: () => focus(".room[tabindex='0']", "rooms"),
    log: () => focus(".message[tabindex='0']", "chat"),
    tab: (tab: (typeof view)["tab"]) => {
      view.tab = tab;
      focus(`#tab-${tab}`, "inspect");
      app.changed();
    },
    step: (by: 1 | -1) => {
      const mine = roomsOf(store, view.person);
      const next = mine[mine.findIndex(({ id }) => id === view.room) + by];
      if (next !== undefined) go(next.id);
    },
  };
}

/** The areas of a narrow screen. */
function paneNav(app: App): Part {
  const { store, view, words } = app;
  const badge = h("span", { class: "badge" });
  const buttons = panes.map((pane) => {
    const open = () => {
      view.pane = pane;
      app.changed();
    };
    const props = { type: "button", class: "pane-button", "data-pane": pane, onclick: open } as const;
    return h("button", props, icon(paneIcons[pane]), h("span", {}, words.panes[pane]), pane === "rooms" && badge);
  });
  const element = h("nav", { class: "panes", "aria-label": words.areas }, ...buttons);
  const draw = () => {
    for (const button of buttons) {
      setAttribute(button, "aria-current", button.dataset["pane"] === view.pane ? "page" : undefined);
    }
    const unread = roomsOf(store, view.person).filter(({ id }) => id !== view.room && unreadIn(app, id) > 0).length;
    setText(badge, unread === 0 ? "" : String(unread));
  };
  return { element, draw };
}
