/**
 * The model of the playground: the scripted one, or a real one behind an OpenAI-compatible API. The gateway reaches either on
 * loopback, so that every prompt can be shown, and so that a key stays in this process.
 */

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Sandbox } from "../index.ts";
import { parseExact, stringifyExact } from "../json.ts";
import { Loopback, readBody } from "../loopback.ts";
import { readRequest, type ChatRequest } from "../model-script.ts";
import type { ModelInfo } from "./protocol.ts";

/** Where a key for `--model` is looked for. */
const KEY = "PLAYGROUND_MODEL_KEY";
/** What is asked for where nothing is named; servers with one model take any. */
const DEFAULT_NAME = "default";
const PATH = "/v1/chat/completions";

export interface Model extends AsyncDisposable {
  readonly info: ModelInfo;
  /** The base URL for the gateway. */
  readonly url: string;
  /** Called with every request as it comes. */
  readonly listeners: Set<(request: ChatRequest) => void>;
}

export interface ModelChoice {
  /** A base URL such as `https://api.example.com/v1`; the scripted model when left out. */
  readonly url?: string | undefined;
  readonly name?: string | undefined;
}

export async function modelOf({ model, ledger }: Sandbox, { url, name = DEFAULT_NAME }: ModelChoice): Promise<Model> {
  if (url === undefined) {
    const info = { isScripted: true, url: null, name: "scripted" };
    // The sandbox opened it, and closes it.
    return { info, url: model.url, listeners: model.listeners, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const base = baseOf(url);
  const listeners = new Set<(request: ChatRequest) => void>();
  const stop = new AbortController();
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? "/", base).pathname;
    if (request.method !== "POST" || path !== PATH) {
      response.writeHead(404).end();
      return;
    }
    const body = parseExact((await readBody(request)).toString("utf8"));
    const chat = readRequest(body);
    for (const listener of listeners) listener(chat);
    ledger.record("model", "received", name, `POST ${PATH}`, { asked: chat.asked, tools: chat.tools });
    const answer = await fetch(`${base}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization() },
      body: stringifyExact({ ...Object(body), model: name }),
      // A redirect would carry the key to wherever it points.
      redirect: "error",
      signal: stop.signal,
    });
    ledger.record("model", "http", name, `POST ${PATH}`, { status: answer.status });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    if (answer.body === null) response.end();
    else await once(Readable.fromWeb(answer.body).pipe(response), "finish");
  };
  const loopback = await Loopback.open((request, response) => {
    forward(request, response).catch((error: unknown) => {
      ledger.record("model", "disconnect", name, `POST ${PATH}`, { error: String(error) });
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "content-type": "application/json" }).end(failure(error));
    });
  });
  const close = async () => {
    stop.abort();
    await loopback.close();
  };
  const info = { isScripted: false, url: base, name };
  return { info, url: `${loopback.url}/v1`, listeners, [Symbol.asyncDispose]: close };
}

/** Without a slash at its end. Throws for what is no address. */
function baseOf(url: string): string {
  const isAddress = URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
  if (!isAddress) throw new Error(`--model: ${url} is no address; give a base URL such as http://127.0.0.1:8080/v1`);
  return url.replace(/\/+$/, "");
}

function authorization(): { authorization?: string } {
  const key = process.env[KEY];
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

function failure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return JSON.stringify({ error: { message: `the model did not answer: ${String(error)}${cause}` } });
}
