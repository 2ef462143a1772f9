/** Tells every open page what happens, by Server-Sent Events. */

import type { ServerResponse } from "node:http";
import type { Json, JsonObject } from "../json.ts";
import type { LedgerEntry } from "../ledger.ts";
import type { PlaygroundEvent, State } from "./protocol.ts";

/** Proxies and browsers give up on a stream that is silent for long. */
const HEARTBEAT_MS = 15_000;
/** A page that reads nothing is left alone; it comes again and gets the state anew. */
const MOST_UNREAD = 16 << 20;
/** Characters of one text in a wire entry: prompts are long, and have a call of their own. */
const MOST_TEXT = 2_000;

type Untimed<E> = E extends unknown ? Omit<E, "now"> : never;

export class Events implements Disposable {
  readonly #state: () => State;
  readonly #pages = new Set<ServerResponse>();
  readonly #timer: NodeJS.Timeout;

  constructor(state: () => State) {
    this.#state = state;
    this.#timer = setInterval(() => {
      for (const page of this.#pages) page.write(":\n\n");
    }, HEARTBEAT_MS);
  }

  add(page: ServerResponse): void {
    this.#pages.add(page);
    page.once("close", () => this.#pages.delete(page));
    write(page, encode({ type: "state", state: this.#state() }));
  }

  send(event: Untimed<PlaygroundEvent>): void {
    if (this.#pages.size === 0) return;
    const text = encode(event);
    for (const page of this.#pages) write(page, text);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const page of this.#pages) page.end();
    this.#pages.clear();
  }
}

function encode(event: Untimed<PlaygroundEvent>): string {
  return `data: ${JSON.stringify({ now: Date.now(), ...event })}\n\n`;
}

function write(page: ServerResponse, text: string): void {
  if (page.writableLength > MOST_UNREAD) page.destroy();
  else page.write(text);
}

/** An entry with its long texts cut. */
export function shown(entry: LedgerEntry): LedgerEntry {
  return { ...entry, data: cutObject(entry.data) };
}

function cutObject(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, cut(value)]));
}

function cut(value: Json): Json {
  if (typeof value === "string") return value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT)}…` : value;
  if (Array.isArray(value)) return value.map(cut);
  return typeof value === "object" && value !== null ? cutObject(value) : value;
}
