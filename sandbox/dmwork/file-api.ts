/** The bot API's file half: uploads through the server or straight to the object store, and downloads by redirect. */

import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import { Redirect, type Call, type Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import type { StorageServer } from "../storage.ts";
import { businessError } from "./dialect.ts";
import type { Bot } from "./directory.ts";

const MAX_FILE = 100 << 20;

/** Seconds that a signed upload stays valid. */
const EXPIRES_IN = 1_800;

/** What may be uploaded straight to the store. A name without extension is refused as well. */
const allowedExtensions = new Set(
  [
    "jpg jpeg png gif bmp webp ico pdf doc docx xls xlsx ppt pptx txt csv rtf odt ods md html htm",
    "mp3 wav aac flac ogg wma m4a amr mp4 avi mov wmv flv mkv webm m4v zip rar 7z tar gz bz2 xz",
    "json xml yaml yml dmg pkg deb rpm appimage",
  ].flatMap((line) => line.split(" ")),
);

const contentTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  txt: "text/plain",
  md: "text/markdown",
  json: "application/json",
  pdf: "application/pdf",
};

/** The relative URLs of payloads start like this. */
const PREVIEW = "file/preview/";

/** Longer recordings are refused. */
const MAX_VOICE = 3 << 20;

/** What the server hears in a recording; nothing if it is not set up for that. */
export interface Ear {
  hear?: ((audio: Buffer) => string) | undefined;
}

export function fileRoutes(storage: StorageServer, ear: Ear): Routes<Bot> {
  const download = (_bot: Bot, { params }: Call) => {
    const path = params["path"] ?? "";
    return new Redirect(storage.urlOf(path.startsWith(PREVIEW) ? path.slice(PREVIEW.length) : path));
  };

  const transcribe = async (_bot: Bot, call: Call) => {
    if (ear.hear === undefined) throw new Refusal(503, "voice is not configured");
    const audio = await fileIn(call, "audio");
    if (audio.size > MAX_VOICE) throw businessError("audio is too large");
    return { status: 200, text: ear.hear(Buffer.from(await audio.arrayBuffer())), m: "", engine: "sandbox" };
  };

  const upload = async (_bot: Bot, call: Call) => {
    const file = await fileIn(call, "file");
    const key = keyFor(file.name);
    storage.put(key, Buffer.from(await file.arrayBuffer()), file.type);
    return { url: `${PREVIEW}${key}`, name: file.name, size: file.size };
  };

  return {
    "GET /v1/bot/upload/presigned": (_bot, { query }) => {
      const name = query.get("filename") ?? "";
      const size = Number(query.get("fileSize"));
      const extension = extensionOf(name);
      if (!allowedExtensions.has(extension)) throw businessError("file type is not allowed");
      if (!(size > 0 && size <= MAX_FILE)) throw businessError("fileSize is out of range");
      const key = keyFor(name);
      const contentType = contentTypes[extension] ?? "application/octet-stream";
      const contentDisposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
      return {
        method: "PUT",
        uploadUrl: storage.grant(key, { size, contentType, contentDisposition }),
        downloadUrl: storage.urlOf(key),
        contentType,
        contentDisposition,
        key,
        expiresIn: EXPIRES_IN,
        expiredTime: Math.floor(Date.now() / 1000) + EXPIRES_IN,
        maxFileSize: MAX_FILE,
      };
    },
    // Sites with another object store than the one this call was made for answer it so.
    "GET /v1/bot/upload/credentials": () => {
      throw businessError("COS not configured");
    },
    "POST /v1/bot/file/upload": upload,
    "POST /v1/bot/upload": upload,
    "POST /v1/botfile/upload": upload,
    "POST /v1/bot/voice/transcribe": transcribe,
    "GET /v1/bot/file/download/*path": download,
    "GET /v1/botfile/*path": download,
  };
}

/** A file in a form. */
async function fileIn({ request, bytes }: Call, field: string): Promise<File> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(new Uint8Array(bytes), { headers }).formData();
  const file = form.get(field);
  if (!(file instanceof File)) throw businessError(`${field} is missing`);
  return file;
}

function extensionOf(name: string): string {
  return extname(name).slice(1).toLowerCase();
}

/** Keys tell nothing of the name but its extension. */
function keyFor(name: string): string {
  return `chat/${randomUUID()}${extname(name)}`;
}
