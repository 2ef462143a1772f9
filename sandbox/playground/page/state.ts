/**
 * What the page knows: the server's last state with every event since. Plain data and one function that changes it, without a
 * line about the screen, so it is tested in Node. Everything that grows is bounded; the oldest goes first.
 */

import type { LedgerEntry } from "../../ledger.ts";
import type {
  Bot,
  ChatMessage,
  Counters,
  Gateway,
  ModelInfo,
  Person,
  Platform,
  PlaygroundEvent,
  Room,
  Setting,
  State,
  Thousand,
  Trace,
} from "../protocol.ts";

/** As many as anybody scrolls back through; "1,000 messages" spreads over all rooms. */
const MESSAGES_PER_ROOM = 500;
/** Every kept message can have the traces of two bots. */
const TRACES = 10_000;
export const WIRE_ENTRIES = 500;
/** How long a sign of writing is believed: the platforms' own clients wait about as long for the next one. */
export const TYPING_MS = 8_000;

export interface Store {
  /** Whether the event stream stands; `false` before its first event. */
  isLinked: boolean;
  /** What to add to this page's clock to have the server's, in milliseconds. */
  ahead: number;
  people: readonly Person[];
  bots: readonly Bot[];
  rooms: readonly Room[];
  settings: readonly Setting[];
  gateway: Gateway;
  counters: Counters;
  thousand: Thousand;
  model: ModelInfo;
  cut: readonly Platform[];
  /** By room, oldest first. */
  readonly messages: Map<string, ChatMessage[]>;
  /** How many messages a room has had, kept or not: what is new is counted against it. */
  readonly arrived: Map<string, number>;
  /** By message, then by bot. */
  readonly traces: Map<string, Map<string, Trace>>;
  /** Counts what has changed in a room. */
  readonly revisions: Map<string, number>;
  /** The question of an answer: the message id of its trace, by the answer's message id. */
  readonly questions: Map<string, string>;
  /** Newest last. */
  wire: LedgerEntry[];
  /** Until when somebody is believed to write, by room and writer. */
  readonly typing: Map<string, Map<string, number>>;
}

export function emptyStore(): Store {
  const none = { said: 0, heard: 0, owed: 0, answered: 0, waiting: 0, lost: 0, twice: 0, blemishes: [] };
  return {
    isLinked: false,
    ahead: 0,
    people: [],
    bots: [],
    rooms: [],
    settings: [],
    gateway: { state: "installing", pid: null, since: 0, note: null },
    counters: none,
    thousand: { isRunning: false, said: 0, of: 1_000 },
    model: { isScripted: true, url: null, name: "" },
    cut: [],
    messages: new Map(),
    arrived: new Map(),
    traces: new Map(),
    questions: new Map(),
    revisions: new Map(),
    wire: [],
    typing: new Map(),
  };
}

/** Takes an event in. `now` is this page's clock. */
export function apply(store: Store, event: PlaygroundEvent, now: number): void {
  const ahead = event.now - now;
  switch (event.type) {
    case "state":
      store.ahead = ahead;
      return restart(store, event.state);
    case "message":
      addMessage(store, event.message);
      break;
    case "typing":
      entryOf(store.typing, event.room, () => new Map<string, number>()).set(event.from, event.now + TYPING_MS);
      break;
    case "trace":
      addTrace(store, event.trace);
      break;
    case "wire":
      addWire(store, event.entry);
      break;
    case "gateway":
      store.gateway = event.gateway;
      break;
    case "bots":
      store.bots = event.bots;
      break;
    case "settings":
      store.settings = event.settings;
      break;
    case "counters":
      store.counters = event.counters;
      break;
    case "thousand":
      store.thousand = event.thousand;
      break;
    case "cut":
      store.cut = event.cut;
      break;
  }
  // An event that had to wait seems to come from a clock that is behind: the least delayed one is right.
  store.ahead = Math.max(store.ahead, ahead);
}

/** Everything anew: the server may be another one than before the connection was lost. */
function restart(store: Store, state: State): void {
  store.isLinked = true;
  const { people, bots, rooms, settings, gateway, counters, thousand, model, cut } = state;
  Object.assign(store, { people, bots, rooms, settings, gateway, counters, thousand, model, cut });
  for (const map of [store.messages, store.traces, store.questions, store.typing]) map.clear();
  const before = new Map(store.arrived);
  store.arrived.clear();
  for (const message of state.messages) addMessage(store, message);
  // What was read before a reconnect is not new after it.
  for (const [room, count] of before) store.arrived.set(room, Math.max(count, store.arrived.get(room) ?? 0));
  for (const trace of state.traces) addTrace(store, trace);
  store.wire = state.wire.slice(-WIRE_ENTRIES);
}

function addMessage(store: Store, message: ChatMessage): void {
  revise(store, message.room);
  const messages = entryOf(store.messages, message.room, () => []);
  // What changes is nearly always among the latest.
  const at = messages.findLastIndex(({ id }) => id === message.id);
  if (at >= 0) {
    messages[at] = message;
    return;
  }
  const isOld = messages.length >= MESSAGES_PER_ROOM && message.at < (messages[0]?.at ?? 0);
  if (isOld) return;
  messages.push(message);
  if (messages.length > MESSAGES_PER_ROOM) messages.shift();
  store.arrived.set(message.room, (store.arrived.get(message.room) ?? 0) + 1);
  store.typing.get(message.room)?.delete(message.from);
}

function addTrace(store: Store, trace: Trace): void {
  revise(store, trace.room);
  entryOf(store.traces, trace.path.id, () => new Map<string, Trace>()).set(trace.bot, trace);
  const answers = trace.path.turn?.sends.flatMap(({ messageIds }) => messageIds) ?? [];
  // Messages that were context of the turn have the same answer: the turn's own message is the question.
  const question = trace.path.turn?.id ?? trace.path.id;
  for (const answer of answers) store.questions.set(answer, question);
  trim(store.traces, TRACES);
  trim(store.questions, TRACES);
}

function revise({ revisions }: Store, room: string): void {
  revisions.set(room, (revisions.get(room) ?? 0) + 1);
}

function addWire(store: Store, entry: LedgerEntry): void {
  store.wire.push(entry);
  // In one cut of many.
  if (store.wire.length >= 2 * WIRE_ENTRIES) store.wire = store.wire.slice(-WIRE_ENTRIES);
}

/** Maps remember in which order their keys came. */
function trim(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Who writes in a room at this moment of the server's clock. */
export function writersIn(store: Store, room: string, serverNow: number): string[] {
  return [...(store.typing.get(room) ?? [])].filter(([, until]) => until > serverNow).map(([from]) => from);
}

/** The traces of a message; of an answer, those of its question. */
export function tracesOf(store: Store, message: string): Trace[] {
  return [...(store.traces.get(store.questions.get(message) ?? message)?.values() ?? [])];
}

/**
 * Where a message stands for a bot that has no trace of it. One that was said before the bot was there it hears of at most as
 * context.
 */
export function untraced(store: Store, { at }: ChatMessage, bot: string): "early" | "travelling" {
  const firstConnectedAt = store.bots.find(({ id }) => id === bot)?.firstConnectedAt;
  const isEarly = firstConnectedAt === null || (firstConnectedAt !== undefined && at < firstConnectedAt);
  return isEarly ? "early" : "travelling";
}

/** A person's or bot's name; an id that nobody has stands for itself. */
export function nameOf(store: Store, id: string): string {
  return [...store.people, ...store.bots].find((somebody) => somebody.id === id)?.name ?? id;
}

/** The rooms that a person is in, in the server's order. */
export function roomsOf(store: Store, person: string): Room[] {
  return store.rooms.filter(({ people }) => people.includes(person));
}
