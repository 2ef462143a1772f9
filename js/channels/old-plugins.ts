/** The older plugins of the two platforms have the same channel ids: beside them, one token would have two connections. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Channel } from "../core/account.ts";
import type { OpenClawConfig } from "../host/sdk.ts";
import { asValues } from "./accounts.ts";

/** Ids in the manifests of the plugins that came before. */
export const OLD_PLUGINS: Record<Channel, readonly string[]> = {
  mochat: ["mochat"],
  // The second is what it was called before 0.5.
  dmwork: ["openclaw-channel-dmwork", "dmwork"],
};

const MANIFEST = "openclaw.plugin.json";
/** Where the gateway puts plugins: archives, packages of a registry, packages of older gateways. */
const HOMES = ["extensions/*", "npm/projects/*/node_modules/{*,@*/*}", "npm/node_modules/{*,@*/*}"];

/** Those of these ids that are configured or installed, and not switched off. */
export function stillEnabled(ids: readonly string[], cfg: OpenClawConfig, stateDir: string): string[] {
  const { enabled, entries, allow, deny, load } = asValues(cfg.plugins);
  if (ids.length === 0 || enabled === false) return [];
  const installed = new Set([...linked(asValues(load)["paths"]), ...found(stateDir)].flatMap(idOf));
  return ids.filter((id) => {
    const entry = asValues(entries)[id];
    if (asValues(entry)["enabled"] === false || names(deny, id)) return false;
    if (Array.isArray(allow) && allow.length > 0 && !names(allow, id)) return false;
    return entry !== undefined || installed.has(id);
  });
}

function linked(paths: unknown): string[] {
  return Array.isArray(paths) ? paths.map((path) => join(String(path), MANIFEST)) : [];
}

function found(stateDir: string): string[] {
  return HOMES.flatMap((home) => globSync(`${home}/${MANIFEST}`, { cwd: stateDir })).map((path) =>
    join(stateDir, path),
  );
}

/** Its manifest says which plugin a folder holds; that of an older one is plain JSON. */
function idOf(manifest: string): string[] {
  if (!existsSync(manifest)) return [];
  try {
    return [String(asValues(JSON.parse(readFileSync(manifest, "utf8")))["id"])];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function names(list: unknown, id: string): boolean {
  return Array.isArray(list) && list.includes(id);
}
