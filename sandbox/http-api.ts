/** Answers JSON calls from a table of routes, in the dialect of one platform, and writes each call into the ledger. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Fields } from "./fields.ts";
import { HttpFaults, type HttpFault } from "./http-faults.ts";
import { parseExact, redact, stringifyExact } from "./json.ts";
import type { Ledger, ServerName } from "./ledger.ts";
import { MAX_FILE_BODY, readBody } from "./loopback.ts";
import { Refusal } from "./refusal.ts";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly body: Fields;
  /** The body as it came, for uploads. */
  readonly bytes: Buffer;
}

export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>> | undefined;
  /** A string is sent as it is, anything else as JSON. */
  body: unknown;
}

/** What a handler returns to send the caller to another address. */
export class Redirect {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }
}

/** How a platform recognizes callers and words its answers. */
export interface Dialect<Caller> {
  readonly server: ServerName;
  /** The header that carries the credential, for the ledger. */
  readonly credentialHeader: "authorization" | "x-claw-token";
  /** The status for a malformed request. */
  readonly badRequest: number;
  /** Throws a Refusal for a caller that is not let in. */
  authenticate(request: IncomingMessage): Caller;
  /** Counts the call against a limit; throws a Refusal beyond it. */
  admit?(caller: Caller): void;
  nameOf(caller: Caller): string;
  accept(result: unknown): unknown;
  refuse(refusal: Refusal): unknown;
}

export type Handler<Caller> = (caller: Caller, call: Call) => unknown;

/** Keys are `METHOD /path/:param`. */
export type Routes<Caller> = Readonly<Record<string, Handler<Caller>>>;

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handle: (call: Call, request: IncomingMessage) => { who: string; result: unknown };
}

export class HttpApi<Caller> {
  readonly faults = new HttpFaults();
  readonly #dialect: Dialect<Caller>;
  readonly #ledger: Ledger;
  readonly #routes: Route[];

  constructor(dialect: Dialect<Caller>, ledger: Ledger, routes: Routes<Caller>, open: Routes<void> = {}) {
    this.#dialect = dialect;
    this.#ledger = ledger;
    this.#routes = [
      ...Object.entries(open).map(([key, handler]) =>
        route(key, (call) => ({ who: "", result: handler(undefined, call) })),
      ),
      ...Object.entries(routes).map(([key, handler]) =>
        route(key, (call, request) => {
          const caller = dialect.authenticate(request);
          dialect.admit?.(caller);
          return { who: dialect.nameOf(caller), result: handler(caller, call) };
        }),
      ),
    ];
  }

  /** Never rejects: whatever goes wrong becomes an answer and a ledger entry. */
  readonly serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://sandbox");
    const method = request.method ?? "GET";
    const fault = this.faults.take(url.pathname);
    let body: unknown;
    let outcome: { who: string; answer: Answer };
    try {
      const bytes = await readBody(request, isMultipart(request) ? MAX_FILE_BODY : undefined);
      // Uploads are kept out of the ledger.
      body = isMultipart(request) ? `${bytes.length} bytes` : parseBody(bytes);
      outcome = await this.#answer(request, url, { body, bytes }, fault);
    } catch (error) {
      outcome = { who: this.#whoIs(request), answer: this.#explain(error) };
    }
    const { who, answer } = outcome;
    const dropped = fault?.drop;
    this.#ledger.record(this.#dialect.server, "http", who, `${method} ${url.pathname}`, {
      credential: credential(request.headers[this.#dialect.credentialHeader]),
      query: Object.fromEntries(url.searchParams),
      request: body,
      status: dropped === undefined ? answer.status : `dropped ${dropped}`,
      response: answer.body,
    });
    if (dropped === "never") return;
    if (dropped !== undefined) {
      request.socket.destroy();
      return;
    }
    const text = typeof answer.body === "string" ? answer.body : stringifyExact(answer.body);
    const type = typeof answer.body === "string" ? "text/plain" : "application/json; charset=utf-8";
    const date = new Date(Date.now() + this.faults.clockAheadMs).toUTCString();
    response.writeHead(answer.status, { date, "content-type": type, ...answer.headers }).end(text);
  };

  async #answer(
    request: IncomingMessage,
    url: URL,
    { body, bytes }: { body: unknown; bytes: Buffer },
    fault: HttpFault | undefined,
  ): Promise<{ who: string; answer: Answer }> {
    const failure = fault?.status === undefined ? undefined : this.#failure(fault, fault.status);
    if (failure !== undefined && fault?.accepted !== true) return { who: this.#whoIs(request), answer: failure };
    if (fault?.drop === "before" || fault?.drop === "never") {
      return { who: this.#whoIs(request), answer: { status: 0, body: null } };
    }
    const found = this.#find(request.method ?? "GET", url.pathname);
    if (found === undefined) throw new Refusal(404, "404 page not found", { name: "NotFoundError" });
    const call: Call = {
      method: found.route.method,
      path: url.pathname,
      query: url.searchParams,
      params: found.params,
      request,
      body: new Fields(isMultipart(request) ? {} : (body ?? {}), this.#dialect.badRequest),
      bytes,
    };
    const { who, result } = found.route.handle(call, request);
    const value = await result;
    if (failure !== undefined) return { who, answer: failure };
    if (value instanceof Redirect)
      return { who, answer: { status: 302, headers: { location: value.location }, body: "" } };
    return { who, answer: { status: 200, body: this.#dialect.accept(value) } };
  }

  #find(method: string, path: string) {
    const segments = path.split("/");
    for (const candidate of this.#routes) {
      const params = candidate.method === method ? matchPath(candidate.segments, segments) : undefined;
      if (params !== undefined) return { route: candidate, params };
    }
    return undefined;
  }

  #failure(fault: HttpFault, status: number): Answer {
    const retryAfter = fault.retryAfterSeconds;
    const answer = this.#explain(new Refusal(status, `injected ${status}`, { name: "InjectedFault" }));
    return {
      status,
      body: fault.body ?? answer.body,
      headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    };
  }

  #explain(error: unknown): Answer {
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error), { name: "InternalError" });
    return { status: refusal.status, headers: refusal.extra.headers, body: this.#dialect.refuse(refusal) };
  }

  /** For the ledger only: the caller of a call that failed, where the credential is good. */
  #whoIs(request: IncomingMessage): string {
    try {
      return this.#dialect.nameOf(this.#dialect.authenticate(request));
    } catch (error) {
      if (error instanceof Refusal) return "";
      throw error;
    }
  }
}

function route(key: string, handle: Route["handle"]): Route {
  const [method = "", path = ""] = key.split(" ");
  return { method, segments: path.split("/"), handle };
}

function isMultipart(request: IncomingMessage): boolean {
  return request.headers["content-type"]?.startsWith("multipart/form-data") ?? false;
}

/** A last segment `*name` takes the rest of the path. */
function matchPath(pattern: readonly string[], actual: readonly string[]): Record<string, string> | undefined {
  const rest = pattern.at(-1)?.startsWith("*") ? pattern.length - 1 : undefined;
  if (rest === undefined ? pattern.length !== actual.length : actual.length < pattern.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const given = index === rest ? actual.slice(index).join("/") : (actual[index] ?? "");
    if (index === rest) params[wanted.slice(1)] = decodeURIComponent(given);
    else if (wanted.startsWith(":")) params[wanted.slice(1)] = decodeURIComponent(given);
    else if (wanted !== given) return undefined;
  }
  return params;
}

/** Empty bodies are allowed everywhere; anything that is not JSON is kept as text for the ledger. */
function parseBody(bytes: Buffer): unknown {
  const text = bytes.toString("utf8");
  if (text.trim() === "") return undefined;
  try {
    return parseExact(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function credential(header: string | string[] | undefined): string {
  return header === undefined ? "none" : redact(String(header));
}
