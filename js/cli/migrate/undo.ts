/** The file by which a migration is taken back: the configuration as it was, and what was given to stores. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { asValues } from "../../channels/accounts.ts";
import type { Channel } from "../../core/account.ts";
import { messageOf } from "../../core/errors.ts";
import type { Note } from "../../core/protocol.ts";
import { editConfig, replaceFile } from "../../host/config-file.ts";
import { configFile } from "../../host/sdk.ts";
import { withdraw } from "../../io/imported.ts";
import { withValue } from "../../io/json5.ts";

export type Undo = {
  undoes: "openclaw-mochat-dmwork migrate";
  channel: Channel;
  /** The configuration's text before. */
  before: string;
  /** SHA-256 of its text after; absent if the migration did not get that far. */
  after?: string;
  /** The channel's section before, as it was written; absent if there was none. */
  section?: unknown;
  /** What stores were given. */
  given: { account: string; store: string; notes: Note[] }[];
};

/** Beside the configuration, of which it holds a copy: for its owner only. */
export function undoPath(config: string, channel: Channel, now: Date): string {
  return `${config}.${channel}-${now.toISOString().replaceAll(/[:.]/g, "")}.undo.json`;
}

export function writeUndo(path: string, record: Undo, flag: "wx" | "w"): void {
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flag, flush: true });
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Takes a migration back, and answers with what was done. Throws one sentence if it can't be. */
export async function takeBack(channel: Channel, path: string): Promise<string[]> {
  const record = readUndo(channel, path);
  // Whoever works with a store holds it: then this throws, before anything is changed.
  const stores = record.given.map(({ account, store, notes }) =>
    withdraw(store, notes)
      ? `${account}: what it was given of ${notes.length} marks is taken back.`
      : `${account}: its store was worked with since, and stays as it is.`,
  );
  return [await restore(record), ...stores];
}

async function restore({ channel, before, after, section }: Undo): Promise<string> {
  const { path, text, authored } = await configFile();
  if (text === before) return `${path} is as it was already.`;
  if (digest(text) === after) {
    replaceFile(path, before);
    // A gateway that finds less in the file than it last knew puts its own copy back: that has to be this one.
    const copy = `${path}.bak`;
    if (existsSync(copy)) replaceFile(copy, before);
    return `${path} is what it was, to the byte.`;
  }
  if (isDeepStrictEqual(asValues(authored.channels)[channel], section)) {
    return `channels.${channel} in ${path} is as it was already.`;
  }
  await editConfig((cfg) => Object(withValue(cfg, { path: ["channels", channel], value: section })));
  return `${path} was changed since: channels.${channel} in it is what it was, and the rest stays.`;
}

function readUndo(channel: Channel, path: string): Undo {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // The message about JSON shows a piece of the text, which may be one of a token.
    const why = error instanceof SyntaxError ? "it is no JSON" : messageOf(error);
    throw new Error(`${path} can't be read: ${why}`, { cause: error });
  }
  const found = asValues(read);
  if (!isUndo(found)) throw new Error(`${path} is no undo file of a migration.`);
  if (found.channel !== channel)
    throw new Error(`${path} belongs to ${found.channel}: openclaw ${found.channel} migrate --undo ${path}`);
  return found;
}

function isUndo(found: object): found is Undo {
  return (
    "undoes" in found && found.undoes === "openclaw-mochat-dmwork migrate" && "given" in found && "before" in found
  );
}
