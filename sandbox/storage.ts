/**
 * An object store as cloud providers have it, on an origin of its own: whoever sends a platform token here has leaked it, and
 * the ledger shows that.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { redact } from "./json.ts";
import type { Ledger } from "./ledger.ts";
import { Loopback, MAX_FILE_BODY, readBody } from "./loopback.ts";

/** What an upload was signed for; the PUT must repeat all of it. */
export interface Grant {
  readonly size: number;
  readonly contentType: string;
  readonly contentDisposition: string;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly contentDisposition: string;
}

export class StorageServer {
  readonly #ledger: Ledger;
  readonly #objects = new Map<string, StoredObject>();
  readonly #grants = new Map<string, Grant>();
  #loopback: Loopback | undefined;

  private constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  static async open(ledger: Ledger): Promise<StorageServer> {
    const storage = new StorageServer(ledger);
    storage.#loopback = await Loopback.open((request, response) => void storage.#serve(request, response));
    return storage;
  }

  get url(): string {
    return this.#loopback?.url ?? "";
  }

  urlOf(key: string): string {
    return `${this.url}/${key}`;
  }

  /** Stores an object as if somebody had uploaded it. */
  put(key: string, bytes: Buffer, contentType = "application/octet-stream"): string {
    this.#objects.set(key, { bytes, contentType, contentDisposition: "" });
    return this.urlOf(key);
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** Signs one upload. */
  grant(key: string, grant: Grant): string {
    this.#grants.set(key, grant);
    return `${this.urlOf(key)}?signature=${key.length}`;
  }

  /** Never rejects: a request that breaks off has nobody to answer to. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = decodeURIComponent(new URL(request.url ?? "/", this.url).pathname.slice(1));
    const { authorization } = request.headers;
    const credential = authorization === undefined ? "none" : redact(authorization);
    const bytes = await readBody(request, MAX_FILE_BODY);
    const status = request.method === "PUT" ? this.#upload(key, request, bytes) : this.#objects.has(key) ? 200 : 404;
    this.#ledger.record("storage", "http", "", `${request.method} /${key}`, { credential, status, size: bytes.length });
    const found = request.method === "PUT" ? undefined : this.#objects.get(key);
    response.writeHead(status, found === undefined ? {} : { "content-type": found.contentType });
    response.end(request.method === "HEAD" ? undefined : found?.bytes);
  }

  /** A signature covers length, type and disposition: a PUT that differs in one of them is forbidden. */
  #upload(key: string, { headers }: IncomingMessage, bytes: Buffer): number {
    const grant = this.#grants.get(key);
    const contentType = headers["content-type"] ?? "";
    const contentDisposition = headers["content-disposition"] ?? "";
    if (grant?.size !== bytes.length || grant.contentType !== contentType) return 403;
    if (grant.contentDisposition !== contentDisposition) return 403;
    this.#objects.set(key, { bytes, contentType, contentDisposition });
    return 200;
  }

  async close(): Promise<void> {
    await this.#loopback?.close();
  }
}
