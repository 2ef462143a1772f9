/** Carries a migration out: the way back first, then the configuration, then the stores. */
import { rmSync } from "node:fs";
import { asValues } from "../../channels/accounts.ts";
import type { Channel } from "../../core/account.ts";
import { editConfig } from "../../host/config-file.ts";
import { configFile } from "../../host/sdk.ts";
import { withValue } from "../../io/json5.ts";
import { Store } from "../../io/store.ts";
import { notesOf } from "./cursors.ts";
import type { Plan } from "./plan.ts";
import { digest, undoPath, writeUndo, type Undo } from "./undo.ts";

/** Answers with the path of the undo file. Throws before anything is changed if a store is in use. */
export async function apply(channel: Channel, { changes, imports }: Plan, now = new Date()): Promise<string> {
  // Held until the end: a gateway that sees the new configuration waits with the account until its store is ready.
  using held = new DisposableStack();
  const stores = imports.map(({ store }) => held.use(Store.open(store)));
  const given = imports.map(({ account, store, cursors }) => ({ account, store, notes: notesOf(cursors) }));
  const { path, text, authored } = await configFile();
  const undo: Undo = {
    undoes: "openclaw-mochat-dmwork migrate",
    channel,
    before: text,
    section: asValues(authored.channels)[channel],
    given,
  };
  const file = undoPath(path, channel, now);
  writeUndo(file, undo, "wx");
  try {
    if (changes.length > 0) await editConfig((cfg) => Object(changes.reduce<unknown>(withValue, cfg)));
  } catch (error) {
    // What the gateway refused to write needs no way back.
    if ((await configFile()).text === text) rmSync(file);
    throw error;
  }
  writeUndo(file, { ...undo, after: digest((await configFile()).text) }, "w");
  for (const [at, store] of stores.entries()) store.commit({ entries: [], notes: given[at]?.notes ?? [] });
  return file;
}
