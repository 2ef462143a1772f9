/** What the platforms' servers saw: connections, packets, events and calls, decoded. */

import type { EntryKind, LedgerEntry } from "../../ledger.ts";
import type { App, Part } from "./app.ts";
import { fill, h, list, setAttribute, setText, type Row } from "./dom.ts";
import { exactClock } from "./format.ts";
import { brief } from "./brief.ts";
import { nameOf, WIRE_ENTRIES } from "./state.ts";

const kinds = ["connect", "disconnect", "received", "sent", "http", "fault"] as const satisfies readonly EntryKind[];

export function wirePanel(app: App): Part {
  const { store, words } = app;
  const texts = words.wire;
  let paused: readonly LedgerEntry[] | undefined;
  let pausedAt = 0;
  const bot = h("select", { "aria-label": words.bot });
  const kind = h(
    "select",
    { "aria-label": texts.kind },
    h("option", { value: "" }, texts.allKinds),
    ...kinds.map((one) => h("option", { value: one }, texts.kinds[one])),
  );
  const find = h("input", { type: "search", "aria-label": texts.find, placeholder: texts.find });
  const pause = h("button", { type: "button", "aria-pressed": "false" }, texts.pause);
  const empty = h("p", { class: "empty" }, texts.empty);
  const rows = h("div", { class: "wire-rows" });
  const note = h("p", { class: "muted", "aria-live": "off" });
  const filters = h("div", { class: "wire-filters" }, bot, kind, find, pause);
  const element = h("div", {}, h("p", { class: "muted" }, texts.about(WIRE_ENTRIES)), filters, note, empty, rows);
  const drawRows = list<LedgerEntry>(
    rows,
    ({ n }) => String(n),
    (entry) => wireRow(app, entry),
  );

  for (const filter of [bot, kind, find]) filter.addEventListener("input", () => app.changed());
  pause.addEventListener("click", () => {
    paused = paused === undefined ? store.wire.slice(-WIRE_ENTRIES) : undefined;
    pausedAt = paused?.at(-1)?.n ?? 0;
    app.changed();
  });
  const draw = () => {
    drawBots(app, bot);
    setText(pause, paused === undefined ? texts.pause : texts.resume);
    setAttribute(pause, "aria-pressed", String(paused !== undefined));
    const missed = (store.wire.at(-1)?.n ?? 0) - pausedAt;
    setText(note, paused === undefined ? "" : texts.missed(missed));
    const fits = filterOf(bot.value, kind.value, find.value);
    const entries = (paused ?? store.wire.slice(-WIRE_ENTRIES)).filter(fits).toReversed();
    drawRows(entries);
    setAttribute(empty, "hidden", entries.length > 0);
  };
  return { element, draw };
}

function drawBots({ store, words }: App, select: HTMLSelectElement): void {
  if (select.childElementCount === store.bots.length + 1) return;
  const options = store.bots.map(({ name, userId }) => h("option", { value: userId }, name));
  fill(select, h("option", { value: "" }, words.allBots), ...options);
}

function filterOf(who: string, kind: string, text: string): (entry: LedgerEntry) => boolean {
  const wanted = text.trim().toLowerCase();
  return (entry) =>
    (who === "" || entry.who === who) &&
    (kind === "" || entry.kind === kind) &&
    (wanted === "" || `${entry.name} ${JSON.stringify(entry.data)}`.toLowerCase().includes(wanted));
}

/** Its data becomes elements only when somebody opens it. */
function wireRow({ store, words }: App, entry: LedgerEntry): Row<LedgerEntry> {
  const who = store.bots.find(({ userId }) => userId === entry.who)?.id ?? entry.who;
  const element = h(
    "details",
    { class: "wire-row", "data-kind": entry.kind, "data-server": entry.server },
    h(
      "summary",
      {},
      h("time", {}, exactClock(entry.at)),
      h("span", { class: "wire-kind", title: words.wire.kinds[entry.kind] }, arrows[entry.kind]),
      h("span", { class: "visually-hidden" }, words.wire.kinds[entry.kind]),
      h("span", { class: "wire-name" }, entry.name),
      h("span", { class: "wire-who muted" }, nameOf(store, who) || entry.server),
      h("span", { class: "wire-brief muted" }, brief(entry.data)),
    ),
  );
  element.addEventListener("toggle", () => {
    if (element.open && element.childElementCount === 1) {
      element.append(h("pre", {}, JSON.stringify(entry.data, null, 2)));
    }
  });
  return { element, update: () => undefined };
}

/** Seen from the server, as the ledger writes it: what it received goes up, what it sent comes down. */
const arrows: Readonly<Record<EntryKind, string>> = {
  connect: "+",
  disconnect: "×",
  received: "↑",
  sent: "↓",
  http: "⇅",
  fault: "!",
};
