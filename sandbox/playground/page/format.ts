/** Times, spans and sizes as people read them. Pure. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** `14:03:27` */
export function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

/** `14:03:27.041` */
export function exactClock(at: number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

/** `41 ms`, `2.5 s`, `3 min 20 s`: in the units that every language writes alike. */
export function span(ms: number): string {
  const length = Math.max(0, Math.round(ms));
  if (length < SECOND) return `${length} ms`;
  if (length < MINUTE) return `${(length / SECOND).toFixed(length < 10 * SECOND ? 1 : 0)} s`;
  const seconds = Math.round((length % MINUTE) / SECOND);
  return `${Math.floor(length / MINUTE)} min${seconds > 0 ? ` ${seconds} s` : ""}`;
}

/** What is left of a wait: `3.4 s` at its end, `1:57` before. */
export function countdown(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 10 * SECOND) return `${(left / SECOND).toFixed(1)} s`;
  const seconds = Math.ceil(left / SECOND);
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `812 B`, `4.2 KB`, `1.3 MB` */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The first letters of a name's first and last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return [first, last]
    .map((word) => String.fromCodePoint(...codePoint(word)))
    .join("")
    .toUpperCase();
}

function codePoint(word: string): number[] {
  const first = word.codePointAt(0);
  return first === undefined ? [] : [first];
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
