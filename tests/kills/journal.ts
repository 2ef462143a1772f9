/**
 * What the process that is killed has done, in a file that each of its lives continues: the memory of its gateway, and what
 * the run is judged by. A line is one system call, so it is there as a whole or not at all.
 */

import { existsSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { Channel as Platform } from "../../js/core/account.ts";

/**
 * A turn by the id that the gateway knows it by, and the names of the messages in it; `context` are those that came along,
 * `joins` is the turn into whose run it was put.
 */
export type NotedTurn = {
  account: Platform;
  turn: string;
  to: string;
  asked: string[];
  context: string[];
  joins?: string;
};

/** What the agent says, by the names of the messages that it answers. */
export type Answer = { asked: string[]; hasFile: boolean };

export type Event =
  /** The account is connected. */
  | { kind: "ready"; account: Platform }
  /** The gateway has a turn; no promise yet. */
  | ({ kind: "offered" } & NotedTurn)
  /** The gateway has made it its own, and remembers that over every death. */
  | ({ kind: "adopted" } & NotedTurn)
  /** The plugin was told so, and came back. */
  | { kind: "told"; turn: string }
  /** After a death the gateway's recovery runs it again, or does not know it any more. */
  | { kind: "resumed" | "forgotten"; turn: string }
  /** The agent has written its reply, which is handed to the plugin next. */
  | { kind: "replying"; turn: string; answer: Answer }
  /** The plugin says that the reply is there, or why it is not. */
  | { kind: "replied"; turn: string }
  | { kind: "failed"; turn: string; error: string }
  | { kind: "log"; account: Platform; text: string };

/** At which moment of the real clock. */
export type Line = Event & { at: number };

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  write(event: Event): void {
    writeSync(this.#file, `${JSON.stringify({ ...event, at: Date.now() } satisfies Line)}\n`);
  }
}

/** All that was written so far. */
export function journalOf(path: string): Line[] {
  return existsSync(path) ? linesOf(readFileSync(path, "utf8")) : [];
}

/** Reads what another process writes, while it writes. */
export class JournalReader {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1 << 16);
  readonly #decoder = new StringDecoder();
  #rest = "";

  constructor(path: string) {
    this.#file = openSync(path, "a+");
  }

  /** What came since the last call. */
  next(): Line[] {
    let text = this.#rest;
    for (let size = this.#read(); size > 0; size = this.#read())
      text += this.#decoder.write(this.#buffer.subarray(0, size));
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    return linesOf(text.slice(0, end));
  }

  #read(): number {
    return readSync(this.#file, this.#buffer, 0, this.#buffer.length, null);
  }
}

function linesOf(text: string): Line[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): Line => JSON.parse(line));
}
