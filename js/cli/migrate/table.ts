/** What a table of an older plugin's keys is made of. */
import type { Values } from "../../channels/accounts.ts";

/** One key: a row of the table in docs/MIGRATE.md. */
export type Row = {
  /** As the older plugin reads it; `<id>` stands for any name. */
  old: string;
  /** Where it stands now; absent if it is dropped. */
  now?: string;
  /** What the older plugin took where the key was left out, if this one would take something else: written down. */
  was?: unknown;
  /** What becomes of it. */
  note: string;
};

/** One bot as an older plugin saw it: its own keys over those of its channel. */
export type Bot = { account: string; config: Values };

export type OldPlugin = {
  /** As people know it. */
  name: string;
  /** The ids that it had as a plugin of OpenClaw. */
  ids: readonly string[];
  rows: readonly Row[];
  /** What changes for everybody who comes from there. */
  changes: readonly string[];
  /** What changes for a bot, because of what is written or left out. */
  changesOf: (config: Values) => string[];
};

/** Keys that mean nothing any more. */
export function dropped(rows: readonly Row[]): Row[] {
  return rows.filter(({ now }) => now === undefined);
}

/** What a bot's configuration has to say from now on, because it was understood without words. */
export function spelledOut(rows: readonly Row[], config: Values): [key: string, value: unknown][] {
  const silent = rows.filter(({ was, old }) => was !== undefined && config[old] === undefined);
  return silent.map(({ old, was }) => [old, was]);
}

/** Text of a list, without blanks. */
export function listed(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry) => String(entry).trim()).filter(Boolean);
}
