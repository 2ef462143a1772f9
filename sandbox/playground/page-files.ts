/** The files of the page. Its modules are TypeScript; browsers get them without the types. */

import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal } from "../refusal.ts";

const FOLDER = new URL("page/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".ts": "text/javascript",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
};

/** Folders and a name, none of which begins with a dot. */
const PATH = /^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/;

export interface PageFile {
  readonly type: string;
  readonly body: string | Buffer;
}

/** `path` is relative to the page's address; nothing stands for the page itself. */
export async function pageFile(path: string): Promise<PageFile> {
  const name = path === "" ? "index.html" : path;
  const type = TYPES[extname(name)];
  if (type === undefined || !PATH.test(name)) throw new Refusal(404, `there is no ${path}`);
  try {
    const body = await readFile(fileURLToPath(new URL(name, FOLDER)));
    return { type, body: name.endsWith(".ts") ? stripTypeScriptTypes(body.toString("utf8")) : body };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Refusal(404, `there is no ${path}`);
    throw error;
  }
}
