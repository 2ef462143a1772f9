/** Who one is, and the rooms that this person is in. */

import type { Person, Platform, Room, RoomKind } from "../protocol.ts";
import type { App, Part } from "./app.ts";
import { h, list, roving, setAttribute, setText, type Row } from "./dom.ts";
import { avatar } from "./avatar.ts";
import { icon, type Icon } from "./icons.ts";
import { waitsUntil } from "./path.ts";
import { nameOf, roomsOf, type Store } from "./state.ts";

export const kindIcons: Readonly<Record<RoomKind, Icon>> = {
  direct: "person",
  session: "people",
  panel: "panel",
  group: "people",
  thread: "thread",
};

const platforms: readonly Platform[] = ["mochat", "dmwork"];

export interface Choose {
  person(id: string): void;
  room(id: string): void;
}

export function rooms(app: App, choose: Choose): Part {
  const { store, view, words } = app;
  const people = h("div", { class: "people", role: "radiogroup", "aria-label": words.people.name });
  const settlePeople = roving(people, "[role=radio]");
  const drawPeople = list<Person>(
    people,
    ({ id }) => id,
    (person) => personRow(app, person, choose),
  );
  const sections = platforms.map((platform) => {
    const rows = h("div", { class: "room-rows" });
    const draw = list<Room>(
      rows,
      ({ id }) => id,
      (room) => roomRow(app, room, choose),
    );
    const heading = h("h2", { class: "platform", "data-platform": platform }, words.trouble.platforms[platform]);
    return { platform, element: h("div", { class: "room-section" }, heading, rows), draw };
  });
  const nav = h("nav", { "aria-label": words.rooms.name }, ...sections.map(({ element }) => element));
  const settleRooms = roving(nav, ".room");
  const element = h("div", { class: "rooms" }, h("h2", { class: "small-heading" }, words.people.name), people, nav);
  const draw = () => {
    drawPeople(store.people);
    settlePeople();
    const mine = roomsOf(store, view.person);
    for (const section of sections) section.draw(mine.filter(({ platform }) => platform === section.platform));
    settleRooms();
  };
  return { element, draw };
}

function personRow({ view, words }: App, person: Person, choose: Choose): Row<Person> {
  const element = h(
    "button",
    { type: "button", role: "radio", class: "person", onclick: () => choose.person(person.id) },
    avatar(person.id, person.name),
    h("span", { class: "person-name" }, person.name),
    h("span", { class: "person-role" }, person.isOwner ? words.people.owner : words.people.person),
  );
  return { element, update: ({ id }) => setAttribute(element, "aria-checked", String(id === view.person)) };
}

function roomRow(app: App, room: Room, choose: Choose): Row<Room> {
  const { store, view, words } = app;
  const last = h("span", { class: "room-last" });
  const badge = h("span", { class: "badge" });
  const waits = h("span", { class: "room-waits", title: words.rooms.waits }, icon("clock"));
  const element = h(
    "button",
    { type: "button", class: "room", onclick: () => choose.room(room.id) },
    h("span", { class: "room-icon" }, icon(kindIcons[room.kind])),
    h("span", { class: "room-title" }, room.title),
    last,
    waits,
    badge,
  );
  const update = () => {
    const isCurrent = room.id === view.room;
    setAttribute(element, "aria-current", isCurrent ? "true" : undefined);
    setText(last, lastLine(app, room.id));
    const unread = isCurrent ? 0 : unreadIn(app, room.id);
    setText(badge, unread === 0 ? "" : String(Math.min(unread, 999)));
    setAttribute(badge, "aria-label", unread === 0 ? undefined : words.rooms.unread(unread));
    setAttribute(waits, "hidden", !isWaiting(store, room.id, app.serverNow()));
    const kind = words.rooms.kinds[room.kind];
    setAttribute(element, "title", `${kind} · ${room.bots.map((bot) => nameOf(store, bot)).join(", ")}`);
  };
  return { element, update };
}

function lastLine({ store, words }: App, room: string): string {
  const last = store.messages.get(room)?.at(-1);
  if (last === undefined) return words.rooms.empty;
  const text = last.isRecalled ? words.chat.recalled : last.text || (last.file?.name ?? "");
  return `${nameOf(store, last.from)}: ${text}`;
}

export function unreadIn({ store, view }: App, room: string): number {
  return Math.max(0, (store.arrived.get(room) ?? 0) - (view.seen.get(room) ?? 0));
}

/** Only the latest messages can still wait. */
function isWaiting(store: Store, room: string, serverNow: number): boolean {
  const latest = store.messages.get(room)?.slice(-8) ?? [];
  return latest.some(({ id }) => {
    const traces = [...(store.traces.get(id)?.values() ?? [])];
    return traces.some((trace) => (waitsUntil(trace) ?? 0) > serverNow);
  });
}
