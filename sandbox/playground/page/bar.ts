/** The bar at the top: the gateway's state, what was lost and what came twice, language and theme. */

import type { App, Part } from "./app.ts";
import { h, fill, setAttribute, setText } from "./dom.ts";
import { icon } from "./icons.ts";
import { keep, languages, themes, type Language } from "./view.ts";

/** What each language calls itself. */
const names: Readonly<Record<Language, string>> = { en: "EN", zh: "中文" };

export function bar(app: App, onLanguage: () => void, onHelp: () => void): Part {
  const gateway = gatewayPill(app);
  const counters = countersOf(app);
  const element = h(
    "header",
    { class: "bar" },
    h("h1", { class: "brand" }, h("span", { class: "brand-mark", "aria-hidden": "true" }), app.words.title),
    gateway.element,
    counters.element,
    h("div", { class: "bar-end" }, languageSwitch(app, onLanguage), themeSwitch(app), helpButton(app, onHelp)),
  );
  return {
    element,
    draw: () => {
      gateway.draw();
      counters.draw();
    },
  };
}

function gatewayPill({ store, words }: App): Part {
  const state = h("span", { class: "pill-text" });
  const online = h("span", { class: "pill-more" });
  const element = h(
    "div",
    { class: "pill", role: "status", "aria-label": words.gateway.name },
    h("span", { class: "dot", "aria-hidden": "true" }),
    h("span", { class: "pill-name" }, words.gateway.name),
    state,
    online,
  );
  const draw = () => {
    const { gateway, bots } = store;
    setAttribute(element, "data-state", store.isLinked ? gateway.state : "lost");
    setText(state, words.gateway.states[gateway.state]);
    const connected = bots.filter(({ isConnected }) => isConnected).length;
    setText(online, bots.length === 0 ? "" : words.gateway.connections(connected, bots.length));
    const about = [gateway.pid === null ? "" : words.gateway.pid(gateway.pid), gateway.note ?? ""];
    setAttribute(element, "title", about.filter((text) => text !== "").join(" · "));
  };
  return { element, draw };
}

function countersOf({ store, words }: App): Part {
  const texts = words.counters;
  const lost = counter(texts.lost, texts.lostAbout, "strict");
  const twice = counter(texts.twice, texts.twiceAbout, "strict");
  const answered = counter(texts.answered, "", "plain");
  const waiting = counter(texts.waiting, texts.waitingAbout, "plain");
  const blemishes = h("ul", { class: "blemishes" });
  const element = h(
    "div",
    { class: "counters", role: "group", "aria-label": texts.name },
    ...[lost, twice, answered, waiting].map((one) => one.element),
    blemishes,
  );
  const draw = () => {
    const { counters } = store;
    lost.set(String(counters.lost), counters.lost > 0);
    twice.set(String(counters.twice), counters.twice > 0);
    answered.set(`${counters.answered}/${counters.owed}`, false);
    setAttribute(answered.element, "title", texts.answeredOf(counters.answered, counters.owed));
    waiting.set(String(counters.waiting), false);
    if (blemishes.childElementCount !== counters.blemishes.length) {
      fill(blemishes, ...counters.blemishes.map((sentence) => h("li", {}, sentence)));
    }
  };
  return { element, draw };
}

function counter(name: string, about: string, kind: "strict" | "plain") {
  const value = h("span", { class: "counter-value" });
  const element = h("div", { class: "counter", "data-kind": kind, title: about }, value, h("span", {}, name));
  const set = (text: string, isBad: boolean) => {
    setText(value, text);
    setAttribute(element, "data-bad", isBad);
  };
  return { element, set };
}

function languageSwitch({ view, words }: App, onLanguage: () => void): HTMLElement {
  const buttons = languages.map((language) =>
    h(
      "button",
      {
        type: "button",
        class: "segment",
        lang: language === "zh" ? "zh-CN" : "en",
        "aria-pressed": String(language === view.language),
        "data-language": language,
        onclick: () => {
          if (language === view.language) return;
          view.language = language;
          keep(view);
          onLanguage();
        },
      },
      names[language],
    ),
  );
  return h("div", { class: "segments", role: "group", "aria-label": words.language }, ...buttons);
}

/** The root's attribute decides; without one, the system does. */
export function showTheme(theme: (typeof themes)[number]): void {
  setAttribute(document.documentElement, "data-theme", theme === "auto" ? undefined : theme);
}

function themeSwitch({ view, words }: App): HTMLElement {
  const button = h("button", { type: "button", class: "quiet" });
  const draw = () => {
    const name = `${words.theme}: ${words.themes[view.theme]}`;
    setAttribute(button, "aria-label", name);
    setAttribute(button, "title", name);
    fill(button, icon(view.theme === "auto" ? "contrast" : view.theme === "light" ? "sun" : "moon"));
    showTheme(view.theme);
  };
  button.addEventListener("click", () => {
    view.theme = themes[(themes.indexOf(view.theme) + 1) % themes.length] ?? "auto";
    keep(view);
    draw();
  });
  draw();
  return button;
}

function helpButton({ words }: App, onHelp: () => void): HTMLElement {
  const props = { type: "button", class: "quiet", "aria-label": words.help.open, title: `${words.help.open} (?)` };
  return h("button", { ...props, onclick: onHelp }, icon("help"));
}
