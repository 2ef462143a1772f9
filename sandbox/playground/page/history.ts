/** What would go along as context with the next question in a room. */

import type { HistoryWindow, Setting } from "../protocol.ts";
import { api } from "./api.ts";
import type { App, Part } from "./app.ts";
import { botChoice } from "./botchoice.ts";
import { fill, h, list, type Child } from "./dom.ts";
import { clock } from "./format.ts";
import { settingRow } from "./setting.ts";
import { nameOf } from "./state.ts";

/** A moment for more to happen before the server is asked again. */
const SETTLE_MS = 250;

export function historyPanel(app: App): Part {
  const { store, view, words } = app;
  const bots = botChoice(app);
  const place = h("div", { class: "history" });
  const rows = h("div", { class: "settings-rows" });
  const drawRows = list<Setting>(
    rows,
    ({ bot, key }) => `${bot} ${key}`,
    () => settingRow(app, { isFull: true }),
  );
  const element = h("div", {}, h("p", { class: "muted" }, words.history.about), bots.element, place, rows);
  let asked = "";
  let shown: HistoryWindow | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ask = async (room: string, bot: string) => {
    const answer = await api.history(room, bot).catch(app.fail);
    // Another room may have been chosen meanwhile.
    if (answer === undefined || !asked.startsWith(`${room} ${bot} `)) return;
    shown = answer;
    fill(place, ...windowOf(app, answer));
    drawRows(limitOf());
  };
  const limitOf = () => store.settings.filter(({ bot, key }) => bot === shown?.bot && key === shown.limitKey);
  const draw = () => {
    const room = store.rooms.find(({ id }) => id === view.room);
    const bot = bots.draw(store.bots.filter(({ id }) => room?.bots.includes(id)));
    if (room === undefined || bot === undefined) return;
    const key = `${room.id} ${bot.id} ${store.revisions.get(room.id) ?? 0} ${store.gateway.state}`;
    drawRows(limitOf());
    if (key === asked) return;
    const isElsewhere = !asked.startsWith(`${room.id} ${bot.id} `);
    asked = key;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(room.id, bot.id), isElsewhere ? 0 : SETTLE_MS);
  };
  return { element, draw };
}

function windowOf({ store, words }: App, { entries, limit, rules }: HistoryWindow): Child[] {
  const texts = words.history;
  const lines = entries.map(({ from, text, at }) =>
    h(
      "li",
      { class: "history-line" },
      h("time", {}, clock(at)),
      h("b", {}, nameOf(store, from)),
      h("span", { class: "history-text" }, text),
    ),
  );
  return [
    rules !== null &&
      h(
        "details",
        { class: "history-rules", open: true },
        h("summary", {}, texts.rules, " ", h("span", { class: "tag" }, texts.as[rules.as] ?? rules.as)),
        h("pre", {}, rules.text),
      ),
    limit !== null && h("p", { class: "history-count" }, texts.window(entries.length, limit)),
    entries.length === 0 ? h("p", { class: "empty" }, texts.empty) : h("ol", { class: "history-lines" }, ...lines),
  ];
}
