/** Files as each platform stores them and writes them into a message. */

import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import type { Sandbox } from "../index.ts";
import { isRecord } from "../json.ts";

/** What somebody attaches. */
export interface Upload {
  readonly name: string;
  /** A media type. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** A file where its platform keeps it. */
export interface Stored {
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** The addresses in DMWork payloads are relative to this. */
const PREVIEW = "file/preview/";

/** Names are a path of their own, so that two files of the same name stay apart. */
function keyFor(name: string): string {
  return `${randomUUID()}${extname(name)}`;
}

export function isImage(type: string): boolean {
  return type.startsWith("image/");
}

/** Stores a file at Mochat and returns its markup. */
export function mochatMarkup({ mochat }: Sandbox, { name, type, bytes }: Upload): string {
  const url = mochat.files.put(keyFor(name), bytes, type);
  return isImage(type) ? `[img]${url}[/img]` : `[card type=file url=${url}]${name.replaceAll(/[[\]]/g, "")}[/card]`;
}

/** Stores a file at DMWork and returns its payload. */
export function dmworkPayload({ storage }: Sandbox, { name, type, bytes }: Upload): Record<string, unknown> {
  const key = `chat/${keyFor(name)}`;
  storage.put(key, bytes, type);
  return { type: isImage(type) ? 2 : 8, url: `${PREVIEW}${key}`, name, size: bytes.length };
}

/** The file that Mochat's markup shows. */
export function mochatFile({ mochat }: Sandbox, content: unknown): Stored | undefined {
  if (typeof content !== "string") return undefined;
  const [, image, url = image, name = ""] =
    /\[img\b[^\]]*\]([^[]+)\[\/img\]|\[card type=file url=([^\]]+)\](.*?)\[\/card\]/.exec(content) ?? [];
  const key = decodeURIComponent(url?.split("/").at(-1) ?? "");
  const file = mochat.files.get(key);
  return file === undefined ? undefined : { ...file, name: name || key };
}

/** The file that a DMWork payload shows, relative to the server or in its store. */
export function dmworkFile(
  { storage }: Pick<Sandbox, "storage">,
  payload: Readonly<Record<string, unknown>>,
): Stored | undefined {
  const { url, name, content } = payload;
  // Rich text has its images among its words.
  const image = Array.isArray(content) ? content.filter(isRecord).find((part) => part["url"] !== undefined) : undefined;
  if (image !== undefined) return dmworkFile({ storage }, image);
  if (typeof url !== "string") return undefined;
  const inStore = url.startsWith(storage.url) ? decodeURIComponent(new URL(url).pathname.slice(1)) : url;
  const key = inStore.startsWith(PREVIEW) ? inStore.slice(PREVIEW.length) : inStore;
  const file = storage.get(key);
  return file === undefined ? undefined : { ...file, name: typeof name === "string" ? name : key };
}
