/** The conversation of the chosen room. */

import type { ChatMessage, Room } from "../protocol.ts";
import { api } from "./api.ts";
import { attempt, type App, type Part } from "./app.ts";
import { composer } from "./composer.ts";
import { fill, h, list, roving, setAttribute, setText } from "./dom.ts";
import { icon } from "./icons.ts";
import { messageRow, type Line, type MessageDeeds, type MessageRow } from "./message.ts";
import { kindIcons } from "./rooms.ts";
import { editRules } from "./rules.ts";
import { nameOf, untraced, writersIn, type Store } from "./state.ts";

/** Messages that are drawn; a click shows as many more. */
const SHOWN = 120;
/** Within this time a message goes on from its author's last one. */
const GOES_ON_MS = 120_000;
/** This near to its end, the conversation stays there when it grows. In pixels. */
const NEAR = 80;
/** The same list each time, so that nothing seems to have changed. */
const NOBODY: readonly string[] = [];
/** More new messages than this at once are only counted out to a screen reader. */
const READ_OUT = 3;

export function chat(app: App, select: MessageDeeds["select"]): Part {
  const { store, view, words } = app;
  const head = roomHead(app);
  const log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.chat.log });
  const earlier = h("button", { type: "button", class: "earlier" }, words.chat.earlier);
  const empty = h("p", { class: "empty" }, words.chat.empty);
  const rows = h("div", { class: "log-rows" });
  const typing = h("p", { class: "typing", "aria-live": "off" });
  const newest = h("button", { type: "button", class: "newest" }, words.chat.newer);
  fill(log, earlier, empty, rows);

  const show = (message: string) => {
    const row = rows.querySelector<HTMLElement>(`[data-id="${CSS.escape(message)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.focus();
  };
  const recall = (message: ChatMessage) =>
    void attempt(app, () => api.recall({ room: message.room, messageId: message.id, by: view.person }));
  const write = composer(app);
  const quote = (message: ChatMessage) => {
    view.quote = message.id;
    app.changed();
    write.focus();
  };
  const made = new Map<string, MessageRow>();
  const drawRows = list<Line>(
    rows,
    ({ message }) => message.id,
    ({ message }) => {
      const row = messageRow(app, { select, quote, recall, show });
      made.set(message.id, row);
      return row;
    },
  );
  const settle = roving(rows, ".message", "last");

  let room = "";
  let shown = SHOWN;
  let drawn = 0;
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const toEnd = () => (log.scrollTop = log.scrollHeight);
  earlier.addEventListener("click", () => {
    shown += SHOWN;
    const below = log.scrollHeight - log.scrollTop;
    draw();
    log.scrollTop = log.scrollHeight - below;
  });
  newest.addEventListener("click", toEnd);
  log.addEventListener("scroll", () => setAttribute(newest, "hidden", isAtEnd()), { passive: true });

  const draw = () => {
    const isNew = room !== view.room;
    const follows = isNew || isAtEnd();
    if (isNew) {
      room = view.room;
      shown = SHOWN;
    }
    const all = store.messages.get(room) ?? [];
    const arrived = store.arrived.get(room) ?? 0;
    if (!isNew) readOut(app, all.slice(-Math.min(arrived - drawn, all.length) || all.length));
    drawn = arrived;
    if (document.visibilityState === "visible") view.seen.set(room, arrived);
    head.draw();
    const lines = linesOf(app, all.slice(-shown));
    drawRows(lines);
    for (const id of made.keys()) if (!lines.some(({ message }) => message.id === id)) made.delete(id);
    settle();
    setAttribute(earlier, "hidden", all.length <= shown);
    setAttribute(empty, "hidden", all.length > 0);
    drawTyping();
    write.draw();
    if (follows) toEnd();
    setAttribute(newest, "hidden", isAtEnd());
  };
  const drawTyping = () => {
    const writers = writersIn(store, room, app.serverNow()).map((id) => nameOf(store, id));
    const say = writers.length > 1 ? words.chat.writeMany : words.chat.writes;
    setText(typing, writers.length === 0 ? "" : say(writers.join(", ")));
  };
  const tick = () => {
    for (const row of made.values()) row.tick();
    drawTyping();
  };
  const element = h("main", { class: "chat" }, head.element, log, newest, typing, write.element);
  return { element, draw, tick };
}

function linesOf({ store, view }: App, messages: readonly ChatMessage[]): Line[] {
  const reached = travel(store, view.room);
  const lines = messages.toReversed().map((message) => ({ message, travelling: reached(message) }));
  return lines.toReversed().map((line, index) => ({ ...line, goesOn: goesOn(messages[index - 1], line.message) }));
}

function goesOn(before: ChatMessage | undefined, message: ChatMessage): boolean {
  const isSame = before !== undefined && before.from === message.from && message.at - before.at < GOES_ON_MS;
  return isSame && message.quote === null;
}

/**
 * Which bots a message has not reached. Asked from the newest message backwards: a room's messages reach a bot in their order,
 * so what came before one that is there is there as well, and its trace is only older than those that are kept; but for what
 * was said before the bot was there at all.
 */
function travel(store: Store, room: string): (message: ChatMessage) => readonly string[] {
  const bots = store.rooms.find(({ id }) => id === room)?.bots ?? [];
  let waiting = bots;
  return (message) => {
    if (!store.people.some(({ id }) => id === message.from)) return NOBODY;
    const traces = store.traces.get(message.id);
    waiting = waiting.filter((bot) => !traces?.has(bot));
    return bots.filter(
      (bot) => waiting.includes(bot) || (!traces?.has(bot) && untraced(store, message, bot) === "early"),
    );
  };
}

function readOut({ store, view, words, announce }: App, messages: readonly ChatMessage[]): void {
  const others = messages.filter(({ from }) => from !== view.person);
  if (others.length > READ_OUT) announce(words.chat.many(others.length));
  else for (const { from, text } of others) announce(words.chat.said(nameOf(store, from), text));
}

function roomHead(app: App): Part {
  const { store, view, words } = app;
  const element = h("header", { class: "chat-head" });
  let drawn: Room | undefined;
  let drawnBots = store.bots;
  const draw = () => {
    const room = store.rooms.find(({ id }) => id === view.room);
    if (room === undefined || (room === drawn && store.bots === drawnBots)) return;
    [drawn, drawnBots] = [room, store.bots];
    const members = [...room.people, ...room.bots].map((id) => nameOf(store, id)).join(", ");
    const kind = `${words.trouble.platforms[room.platform]} · ${words.rooms.kinds[room.kind]}`;
    fill(
      element,
      h("span", { class: "room-icon" }, icon(kindIcons[room.kind])),
      h("h2", { class: "chat-title" }, room.title),
      h("p", { class: "chat-about" }, `${kind} · ${members}`),
      room.hasRules &&
        h(
          "button",
          { type: "button", class: "outlined", onclick: () => void editRules(app, room) },
          icon("rules"),
          words.rules.open,
        ),
    );
  };
  return { element, draw };
}
