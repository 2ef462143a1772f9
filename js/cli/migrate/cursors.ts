/** How far an older Mochat plugin had read: its file of cursors, and what of it goes into an account's store. */
import { readFileSync } from "node:fs";
import { asValues } from "../../channels/accounts.ts";
import { messageOf } from "../../core/errors.ts";
import type { Note } from "../../core/protocol.ts";

/** Older versions wrote this for a session of which they knew nothing. */
const NO_CURSOR = 2_147_483_647;

export type Cursors = {
  /** When the older plugin heard something last, in milliseconds since the Unix epoch, by this machine's clock. */
  at: number;
  /** The number of the last event of each session; those of panels mean nothing to this plugin, which reads panels by time. */
  places: Record<string, number>;
};

/** Nothing if there is no such file. Throws one sentence about one that can't be read. */
export function readCursors(path: string): Cursors | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw broken(path, messageOf(error));
  }
  try {
    const { updatedAt, cursors } = asValues(JSON.parse(text));
    const at = Date.parse(String(updatedAt));
    if (!(cursors instanceof Object) || Number.isNaN(at)) throw broken(path, "`cursors` or `updatedAt` is missing");
    const numbers = Object.entries(cursors).filter((entry): entry is [string, number] => isCursor(entry[1]));
    return { at, places: Object.fromEntries(numbers.map(([id, cursor]) => [id, Math.floor(cursor)])) };
  } catch (error) {
    throw error instanceof SyntaxError ? broken(path, messageOf(error)) : error;
  }
}

function broken(path: string, why: string): Error {
  return new Error(
    `${path} does not tell any more how far the older plugin had read: ${why}. Put it right, or move it away: then nothing from before the gateway's start is answered.`,
  );
}

function isCursor(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < NO_CURSOR;
}

/** As an account that had listened until then would have noted it (src/platform/mochat/cursors.rs). */
export function notesOf({ at, places }: Cursors): Note[] {
  return [
    { key: "since", value: String(at) },
    ...Object.entries(places).flatMap(([id, cursor]) => [
      // What is not read from the queue by its number is read from the log, from this moment on.
      { key: `read/${id}`, value: String(at) },
      ...(id.startsWith("session_") ? [{ key: `cursor/${id}`, value: String(cursor) }] : []),
    ]),
  ];
}
