/**
 * A stand-in for the playground's server: serves the real page, tells it what a story wants it to see, and notes what it asks
 * for. No gateway, so a story about the page alone takes a second.
 */

import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pageFile } from "../../sandbox/playground/page-files.ts";
import type { PlaygroundEvent, State } from "../../sandbox/playground/protocol.ts";

const KEY = "key";
/** No less strict than the server's own. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

type Told = PlaygroundEvent extends infer E ? (E extends PlaygroundEvent ? Omit<E, "now"> : never) : never;

/** What was asked for: `POST api/say` and its body, `GET api/history` and its query. */
export interface Asked {
  readonly what: string;
  readonly body: Record<string, unknown>;
}

/** Answers a call; `undefined` is a refusal. */
export type Answer = (asked: Asked) => object | undefined;

export interface Fake extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
  /** Sends events to the page. */
  readonly tell: (...events: Told[]) => void;
  /** Ends all event streams; the page comes back by itself, and is given `state`. */
  readonly hangUp: (state: State) => void;
  /** Resolves once a call was asked for: now, or when it comes. */
  readonly heard: (what: string) => Promise<Asked>;
}

/** `ahead` is how far this server's clock is ahead of the machine's, in milliseconds. */
export async function fakeServer(first: State, answer: Answer = () => ({}), ahead = 0): Promise<Fake> {
  let state = first;
  const asked: Asked[] = [];
  const calls = new EventEmitter();
  const streams = new Set<ServerResponse>();

  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.writeHead(404).end());
  });
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = pathname.slice(`/${KEY}/`.length);
    if (path === "api/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      streams.add(response);
      response.on("close", () => streams.delete(response));
      send(response, { type: "state", state }, ahead);
      return;
    }
    if (!path.startsWith("api/")) return serveFile(path, response);
    const body = request.method === "POST" ? await bodyOf(request) : Object.fromEntries(searchParams);
    const call = { what: `${request.method} ${path}`, body };
    asked.push(call);
    calls.emit("call");
    const given = answer(call);
    response.writeHead(given === undefined ? 400 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(given ?? { error: "`text` is empty: write something" }));
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address instanceof Object ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/${KEY}/`,
    asked,
    tell: (...events) => {
      for (const event of events) for (const stream of streams) send(stream, event, ahead);
    },
    hangUp: (next) => {
      state = next;
      for (const stream of streams) stream.end();
    },
    heard: async (what) => {
      for (;;) {
        const found = asked.find((call) => call.what === what);
        if (found !== undefined) return found;
        await once(calls, "call", { signal: AbortSignal.timeout(10_000) });
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(stream: ServerResponse, event: Told, ahead: number): void {
  stream.write(`data: ${JSON.stringify({ now: Date.now() + ahead, ...event })}\n\n`);
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const { type, body } = await pageFile(path);
  response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "content-security-policy": POLICY }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}
