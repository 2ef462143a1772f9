/** All keys of a bot's configuration that can be switched here. */

import type { Setting } from "../protocol.ts";
import type { App, Part } from "./app.ts";
import { botChoice } from "./botchoice.ts";
import { h, list, setAttribute, setText, type Row } from "./dom.ts";
import { settingRow } from "./setting.ts";

/** The settings that hold for a place, or for the account as a whole. */
interface Section {
  readonly room: string | null;
  readonly settings: readonly Setting[];
}

export function settingsPanel(app: App): Part {
  const { store, words } = app;
  const bots = botChoice(app);
  const empty = h("p", { class: "empty" }, words.settings.empty);
  const sections = h("div", { class: "settings-sections" });
  const drawSections = list<Section>(
    sections,
    ({ room, settings }) => `${settings[0]?.bot} ${room}`,
    () => section(app),
  );
  const element = h("div", {}, h("p", { class: "muted" }, words.settings.about), bots.element, empty, sections);
  const draw = () => {
    const bot = bots.draw(store.bots);
    const mine = store.settings.filter((setting) => setting.bot === bot?.id);
    const rooms = [...new Set(mine.map(({ room }) => room))];
    drawSections(rooms.map((room) => ({ room, settings: mine.filter((setting) => setting.room === room) })));
    setAttribute(empty, "hidden", mine.length > 0);
  };
  return { element, draw };
}

function section(app: App): Row<Section> {
  const title = h("h3", {});
  const rows = h("div", { class: "settings-rows" });
  const drawRows = list<Setting>(
    rows,
    ({ bot, key }) => `${bot} ${key}`,
    () => settingRow(app, { isFull: false }),
  );
  const update = ({ room, settings }: Section) => {
    const known = app.store.rooms.find(({ id }) => id === room);
    setText(title, room === null ? app.words.settings.account : (known?.title ?? room));
    drawRows(settings);
  };
  return { element: h("section", { class: "settings-section" }, title, rows), update };
}
