/** Buttons that disturb the platforms and the gateway. */

import type { Platform, Trouble } from "../protocol.ts";
import { api } from "./api.ts";
import { attempt, type App, type Part } from "./app.ts";
import { h, setAttribute, setText } from "./dom.ts";

type Where = Platform | "both";

export function trouble(app: App): Part {
  const { words, store } = app;
  const texts = words.trouble;
  let where: Where = "both";
  const only = () => (where === "both" ? {} : { on: where });
  const isCut = () => (where === "both" ? store.cut.length > 0 : store.cut.includes(where));
  const onNetwork = (what: Trouble["what"]) => (): Trouble => ({ what, ...only() });
  const cut = button(app, texts.cut, texts.cutAbout, () => onNetwork(isCut() ? "restore" : "cut")());
  const thousand = button(app, texts.thousand, texts.thousandAbout, () => ({ what: "thousand" }));
  const choose = whereChoice(app, (chosen) => {
    where = chosen;
    app.changed();
  });
  const element = h(
    "section",
    { class: "trouble", "aria-label": texts.name },
    h("p", { class: "trouble-about" }, texts.about),
    group(
      texts.network,
      choose,
      cut.element,
      button(app, texts.halfOpen, texts.halfOpenAbout, onNetwork("half-open")).element,
      button(app, texts.kick, texts.kickAbout, onNetwork("kick")).element,
      button(app, texts.refuse, texts.refuseAbout, onNetwork("429")).element,
    ),
    group(
      texts.gateway,
      button(app, texts.kill, texts.killAbout, () => ({ what: "kill" }), "harsh").element,
      button(app, texts.restart, texts.restartAbout, () => ({ what: "restart" })).element,
    ),
    group(texts.load, thousand.element),
  );
  const draw = () => {
    const { isRunning, said, of } = store.thousand;
    thousand.say(isRunning ? texts.stopThousand(said, of) : texts.thousand, texts.thousandAbout);
    setAttribute(thousand.element, "data-active", isRunning);
    cut.say(isCut() ? texts.restore : texts.cut, isCut() ? texts.restoreAbout : texts.cutAbout);
    setAttribute(cut.element, "data-active", isCut());
  };
  return { element, draw };
}

function group(name: string, ...children: Node[]): HTMLElement {
  return h("div", { class: "trouble-group", role: "group", "aria-label": name }, h("h3", {}, name), ...children);
}

function button(app: App, name: string, about: string, what: () => Trouble, kind = "") {
  const [title, more] = [h("span", {}, name), h("span", { class: "muted" }, about)];
  const element = h("button", { type: "button", class: `trouble-button ${kind}`, title: about }, title, more);
  element.addEventListener("click", () => {
    element.setAttribute("aria-busy", "true");
    void attempt(app, () => api.trouble(what())).finally(() => element.removeAttribute("aria-busy"));
  });
  const say = (newName: string, newAbout: string) => {
    setText(title, newName);
    setText(more, newAbout);
    setAttribute(element, "title", newAbout);
  };
  return { element, say };
}

function whereChoice({ words }: App, onChoice: (where: Where) => void): HTMLElement {
  const { both, on, platforms } = words.trouble;
  const choices: readonly [Where, string][] = [
    ["both", both],
    ["mochat", platforms.mochat],
    ["dmwork", platforms.dmwork],
  ];
  const select = h("select", { "aria-label": on }, ...choices.map(([value, name]) => h("option", { value }, name)));
  select.addEventListener("change", () => onChoice(choices.find(([value]) => value === select.value)?.[0] ?? "both"));
  return select;
}
