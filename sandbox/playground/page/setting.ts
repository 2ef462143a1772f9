/** One key of the configuration, with the means to change it on the spot. */

import type { Setting, SettingValue } from "../protocol.ts";
import { api } from "./api.ts";
import { attempt, type App } from "./app.ts";
import { fill, h, setAttribute, setText, type Row } from "./dom.ts";
import { span } from "./format.ts";
import { breakable, prose } from "./prose.ts";

/** Where a setting stands in the configuration, in full. */
export function fullKey({ store }: App, { bot, key }: Setting): string {
  const platform = store.bots.find(({ id }) => id === bot)?.platform ?? "mochat";
  return `channels.${platform}.accounts.${bot}.${key}`;
}

export function settingRow(app: App, { isFull }: { isFull: boolean }): Row<Setting> {
  const { words } = app;
  const texts = words.settings;
  const key = h("code", { class: "setting-key" });
  const source = h("span", { class: "tag" });
  const room = h("span", { class: "tag" });
  const reset = h("button", { type: "button", class: "link" }, texts.reset);
  const about = h("p", { class: "setting-about muted" });
  const place = h("div", { class: "setting-control" });
  const element = h(
    "div",
    { class: "setting", role: "group" },
    key,
    h("div", { class: "setting-row" }, place, reset, room, source),
    about,
  );
  let current: Setting | undefined;
  let control: Control | undefined;
  const change = async (value: SettingValue | null) => {
    const setting = current;
    if (setting === undefined) return;
    setAttribute(element, "aria-busy", "true");
    const isDone = await attempt(app, () => api.change({ bot: setting.bot, key: setting.key, value }));
    setAttribute(element, "aria-busy", undefined);
    // What was refused is not shown as if it held.
    if (isDone) app.announce(texts.saved(setting.key));
    else control?.show(current ?? setting);
  };
  reset.addEventListener("click", () => void change(null));

  const update = (setting: Setting) => {
    if (setting === current) return;
    if (control === undefined) {
      control = controlFor(app, setting, (value) => void change(value));
      fill(place, control.element);
    }
    current = setting;
    const name = isFull ? fullKey(app, setting) : setting.key;
    if (key.textContent !== name) fill(key, ...breakable(name));
    setAttribute(element, "aria-label", texts.of(name));
    const title = app.store.rooms.find(({ id }) => id === setting.room)?.title;
    setText(room, title ?? "");
    setAttribute(room, "hidden", !isFull || title === undefined);
    setText(source, texts.sources[setting.from]);
    setAttribute(source, "data-from", setting.from);
    setAttribute(reset, "hidden", setting.from !== "account");
    fill(about, ...prose(words.abouts[setting.key.split(".").at(-1) ?? ""] ?? setting.about));
    control.show(setting);
  };
  return { element, update };
}

interface Control {
  readonly element: HTMLElement;
  show(setting: Setting): void;
}

type Change = (value: SettingValue) => void;

function controlFor(app: App, setting: Setting, change: Change): Control {
  const { on, off } = app.words.settings;
  const controls: Readonly<Record<Setting["kind"], () => Control>> = {
    switch: () => segments(setting.key, [true, false], (value) => (value ? on : off), change),
    choice: () => segments(setting.key, setting.choices, (value) => value, change),
    number: () => numberBox(app, setting, change),
    list: () => listBox(app, setting, change),
  };
  return controls[setting.kind]();
}

/** All values side by side; none is pressed while the plugin's default holds. */
function segments<T extends boolean | string>(
  key: string,
  values: readonly T[],
  nameOf: (value: T) => string,
  change: Change,
): Control {
  const buttons = values.map((value) =>
    h("button", { type: "button", class: "segment", onclick: () => change(value) }, nameOf(value)),
  );
  const element = h("div", { class: "segments", role: "group", "aria-label": key }, ...buttons);
  const show = ({ value }: Setting) => {
    for (const [index, button] of buttons.entries()) {
      setAttribute(button, "aria-pressed", String(values[index] === value));
    }
  };
  return { element, show };
}

function numberBox({ words }: App, setting: Setting, change: Change): Control {
  const { key, least, most } = setting;
  const min = least ?? undefined;
  const props = { type: "number", min, max: most ?? undefined, "aria-label": key, class: "number-box" };
  const box = h("input", props);
  const inWords = h("span", { class: "muted" });
  const set = h("button", { type: "submit" }, words.settings.set);
  const element = h("form", { class: "setting-form" }, box, set, inWords);
  const tell = () => setText(inWords, key.endsWith("Ms") && box.value !== "" ? span(box.valueAsNumber) : "");
  box.addEventListener("input", tell);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (box.value !== "") change(box.valueAsNumber);
  });
  const show = ({ value }: Setting) => {
    // A number that is being typed is not typed over.
    if (document.activeElement !== box) box.value = typeof value === "number" ? String(value) : "";
    tell();
  };
  return { element, show };
}

function listBox({ words }: App, { key }: Setting, change: Change): Control {
  const { list, set } = words.settings;
  const box = h("input", { type: "text", "aria-label": `${key}, ${list}`, placeholder: list, class: "list-box" });
  const element = h("form", { class: "setting-form" }, box, h("button", { type: "submit" }, set));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const items = box.value.split(/[,，]/).map((item) => item.trim());
    change(items.filter((item) => item !== ""));
  });
  const show = ({ value }: Setting) => {
    if (document.activeElement !== box) box.value = Array.isArray(value) ? value.join(", ") : "";
  };
  return { element, show };
}
