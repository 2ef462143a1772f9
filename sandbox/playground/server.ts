/** Serves the playground to one person on this machine: whoever knows the key, from a page of this address. */

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Loopback, readBody } from "../loopback.ts";
import { Refusal } from "../refusal.ts";
import { Fields } from "../fields.ts";
import type { Events } from "./events.ts";
import { pageFile } from "./page-files.ts";
import type { Failure } from "./protocol.ts";
import type { Stored } from "./files.ts";

/** What a call is answered with. */
export type Answer = (fields: Fields) => unknown;

export interface Api {
  /** By path below `api/`; a GET's fields are the texts of its query. */
  readonly get: Readonly<Record<string, Answer>>;
  readonly post: Readonly<Record<string, Answer>>;
  readonly events: Events;
  file(messageId: string): Stored | undefined;
}

/** Nothing from elsewhere, in no frame, and no address of the page (with its key) to anybody. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** Shown in the page; anything else is saved, since it may be a page with scripts of its own. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

const KEY_BYTES = 16;

export class PlaygroundServer implements AsyncDisposable {
  readonly #key = randomBytes(KEY_BYTES).toString("base64url");
  readonly #api: Api;
  #loopback: Loopback | undefined;

  private constructor(api: Api) {
    this.#api = api;
  }

  static async open(api: Api): Promise<PlaygroundServer> {
    const server = new PlaygroundServer(api);
    server.#loopback = await Loopback.open((request, response) => void server.#serve(request, response));
    return server;
  }

  /** Of the page, with its key. */
  get url(): string {
    return `${this.#loopback?.url ?? ""}/${this.#key}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loopback?.close();
  }

  /** Never rejects: every failure is an answer with its sentence. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : error instanceof RangeError ? 413 : 500;
      const failure: Failure = { error: error instanceof Error ? error.message : String(error) };
      if (response.headersSent) response.destroy();
      else send(response, status, "application/json", JSON.stringify(failure));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", headers } = request;
    const host = headers.host ?? "";
    // A name that somebody else's DNS points here is not this address.
    if (!this.#isOurs(host)) throw new Refusal(404, "not found");
    const url = new URL(request.url ?? "/", `http://${host}`);
    const [, key = "", ...rest] = url.pathname.split("/");
    if (!isSame(key, this.#key)) throw new Refusal(404, "not found");
    if (headers.origin !== undefined && headers.origin !== url.origin) {
      throw new Refusal(403, `origin: ${headers.origin} is not this page; open ${url.origin} itself`);
    }
    const path = rest.join("/");
    if (method === "POST") await this.#post(path, request, response);
    else if (method === "GET") await this.#get(path, url, response);
    else throw new Refusal(405, `${method} is not offered; use GET or POST`);
  }

  async #get(path: string, url: URL, response: ServerResponse): Promise<void> {
    if (path === "api/events") {
      response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
      this.#api.events.add(response);
      return;
    }
    const answer = own(this.#api.get, path.replace(/^api\//, ""));
    if (path.startsWith("api/files/")) this.#sendFile(decodeURIComponent(path.slice("api/files/".length)), response);
    else if (path.startsWith("api/") && answer !== undefined) {
      const fields = new Fields(Object.fromEntries(url.searchParams), 400);
      sendJson(response, await answer(fields));
    } else if (path.startsWith("api/")) throw new Refusal(404, `there is no GET ${path}`);
    else {
      const { type, body } = await pageFile(path);
      send(response, 200, type, body);
    }
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = own(this.#api.post, path.replace(/^api\//, ""));
    if (!path.startsWith("api/") || answer === undefined) throw new Refusal(404, `there is no POST ${path}`);
    // A form of another page can't send this type without asking first.
    if (request.headers["content-type"]?.split(";")[0] !== "application/json") {
      throw new Refusal(415, "content-type must be application/json");
    }
    sendJson(response, await answer(new Fields(parse(await readBody(request)), 400)));
  }

  #sendFile(messageId: string, response: ServerResponse): void {
    const file = this.#api.file(messageId);
    if (file === undefined) throw new Refusal(404, `message ${messageId} has no file`);
    const type = SHOWN.has(file.contentType) ? file.contentType : "application/octet-stream";
    const shown = type === file.contentType ? "inline" : "attachment";
    const disposition = `${shown}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
    response.writeHead(200, { ...HEADERS, "content-type": type, "content-disposition": disposition }).end(file.bytes);
  }

  #isOurs(host: string): boolean {
    const ours = this.#loopback?.host ?? "";
    return host === ours || host === ours.replace("127.0.0.1", "localhost");
  }
}

function own(answers: Readonly<Record<string, Answer>>, name: string): Answer | undefined {
  return Object.hasOwn(answers, name) ? answers[name] : undefined;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(400, `body must be JSON: ${error.message}`);
    throw error;
  }
}

function sendJson(response: ServerResponse, body: unknown): void {
  send(response, 200, "application/json", JSON.stringify(body ?? {}));
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8` }).end(body);
}

/** In a time that tells nothing about where they differ. */
function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
