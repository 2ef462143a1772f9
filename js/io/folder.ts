/** Whether something can be kept in a folder, found out without writing to it. */
import { accessSync, constants, existsSync, statSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../core/errors.ts";

/** What a busy account may write before somebody looks again: its store and the journal beside it. */
const LEAST_FREE = 64 * 1024 * 1024;

/** Why nothing can be kept there, in words; `undefined` if all is well. It may not be made yet. */
export function whyUnwritable(folder: string, files: readonly string[] = []): string | undefined {
  try {
    const there = nearest(folder);
    if (!statSync(there).isDirectory()) return `${there} is no folder`;
    accessSync(there, constants.W_OK | constants.X_OK);
    for (const file of files) accessSync(file, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = statfsSync(there);
    const free = bavail * bsize;
    return free < LEAST_FREE ? `the disk of ${there} has only ${Math.round(free / 1024 / 1024)} MB left` : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The folder itself, or the part of its path that exists. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
