/** A JSON call that keeps the answer's text, because ids beyond 2^53 would not survive parsing. */

import { parseExact, isRecord } from "../../sandbox/json.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export async function call(
  url: string,
  headers: Record<string, string>,
  body?: unknown,
  method = "POST",
): Promise<Answered> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  const json = isJson ? parseExact(text) : {};
  return { status: response.status, headers: response.headers, text, json: isRecord(json) ? json : { list: json } };
}
