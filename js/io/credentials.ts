/** Files with an agent's credentials, which nobody but their owner may read. */
import { randomUUID } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { CredentialsFile } from "../core/protocol.ts";

/** Read and written by its owner. */
const PRIVATE = 0o600;
const FOR_OTHERS = 0o077;

/** Where an account's credentials may be: its own file, then the one that other tools of the platform know. */
export function credentialsPaths(accountId: string): string[] {
  const folder = join(homedir(), ".config", "mochat");
  return [`credentials-${encodeURIComponent(accountId)}.json`, "credentials.json"].map((name) => join(folder, name));
}

export function readCredentials(path: string): CredentialsFile {
  try {
    // Windows has no such bits.
    const loose = process.platform !== "win32" && (statSync(path).mode & FOR_OTHERS) !== 0;
    return { path, keys: keysOf(readFileSync(path, "utf8")), loose };
  } catch (error) {
    if (isMissing(error)) return { path, keys: null, loose: false };
    throw error;
  }
}

function keysOf(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    return content instanceof Object ? Object.fromEntries(Object.entries(content)) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Replaces the file in one step. What it held before stays beside it: a token can't be asked for again. */
export function saveCredentials(path: string, text: string): void {
  const content = `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}.tmp`;
  try {
    writeFileSync(fresh, content, { mode: PRIVATE, flag: "wx", flush: true });
    keepOld(path);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Puts a renewed token into the file that holds the old one. */
export function renewCredentials(accountId: string, old: string, token: string): void {
  for (const { path, keys } of credentialsPaths(accountId).map(readCredentials)) {
    if (keys?.["token"] === old) saveCredentials(path, JSON.stringify({ ...keys, token }));
  }
}

function keepOld(path: string): void {
  const old = `${path}.bak`;
  rmSync(old, { force: true });
  try {
    linkSync(path, old);
    chmodSync(old, PRIVATE);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
