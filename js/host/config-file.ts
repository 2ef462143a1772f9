/** The gateway's configuration file. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { changesBetween, withChange, withValue, type Change } from "../io/json5.ts";
import { configWriter, type OpenClawConfig } from "./sdk.ts";

/**
 * Changes the configuration by the gateway's own writer, which checks it, takes turns with others and keeps a copy. That
 * writer turns JSON5 into JSON; what was written beside the settings is put back. `authored` is what stands in the file
 * word for word: no secret resolved, no variable replaced.
 */
export async function editConfig(
  edit: (cfg: OpenClawConfig, authored: OpenClawConfig) => OpenClawConfig,
): Promise<void> {
  const { mutateConfigFile } = await configWriter();
  let [text, parsed]: [string | null, unknown] = [null, undefined];
  const { path } = await mutateConfigFile({
    // It would warn of the comments that we put back.
    writeOptions: { skipOutputLogs: true },
    mutate: (draft, { snapshot }) => {
      [text, parsed] = [snapshot.raw, snapshot.parsed];
      Object.assign(draft, edit(draft, Object(snapshot.parsed)));
    },
  });
  if (text !== null && !isJson(text)) await keepText(path, text, parsed);
}

/** The text as these changes leave it, but for what the gateway notes of itself. */
export function preview(text: string, changes: readonly Change[]): string {
  if (!isJson(text)) return changes.reduce(withChange, text);
  return `${JSON.stringify(changes.reduce<unknown>(withValue, JSON.parse(text)), null, 2)}\n`;
}

/** Makes the same changes in the text as it was. Where that does not say the same, the gateway's text stays. */
async function keepText(path: string, text: string, before: unknown): Promise<void> {
  const written = readFileSync(path, "utf8");
  const wanted: unknown = JSON.parse(written);
  replaceFile(path, changesBetween(before, wanted).reduce(withChange, text));
  const { readConfigFileSnapshotForWrite } = await configWriter();
  const { snapshot } = await readConfigFileSnapshotForWrite();
  if (!isDeepStrictEqual(snapshot.parsed, wanted)) replaceFile(path, written);
}

/** Replaces the file in one step; its mode stays. */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(fresh, text, { mode: statSync(path).mode & 0o777, flag: "wx", flush: true });
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
