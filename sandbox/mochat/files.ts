/** Files that people have uploaded to the Mochat server. Anybody may read them; whoever sends a token along has leaked it. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { redact } from "../json.ts";
import type { Ledger } from "../ledger.ts";

const FOLDER = "/static/files/";

export class Files {
  readonly #ledger: Ledger;
  readonly #files = new Map<string, { bytes: Buffer; contentType: string }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Returns the URL as clients write it into a message, with a placeholder for the server. */
  put(name: string, bytes: Buffer, contentType: string): string {
    this.#files.set(name, { bytes, contentType });
    return `{BACKEND}${FOLDER}${encodeURIComponent(name)}`;
  }

  get(name: string): { bytes: Buffer; contentType: string } | undefined {
    return this.#files.get(name);
  }

  /** Answers a request for a file; `false` if it is for something else. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const path = new URL(request.url ?? "/", "http://sandbox").pathname;
    if (!path.startsWith(FOLDER)) return false;
    const file = this.#files.get(decodeURIComponent(path.slice(FOLDER.length)));
    const status = file === undefined ? 404 : 200;
    const token = request.headers["x-claw-token"] ?? request.headers.authorization;
    const credential = token === undefined ? "none" : redact(String(token));
    this.#ledger.record("mochat", "http", "", `${request.method} ${path}`, { credential, status });
    response.writeHead(status, file === undefined ? {} : { "content-type": file.contentType }).end(file?.bytes);
    return true;
  }
}
