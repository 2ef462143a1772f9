/** The HTTP calls of this process that are under way, as Node's `fetch` announces them. */

import { subscribe } from "node:diagnostics_channel";

const underWay = new Set<unknown>();
const listeners = new Set<() => void>();

function on(channel: string, change: (request: unknown) => void): void {
  subscribe(channel, (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    change(message.request);
    for (const listener of listeners) listener();
  });
}

on("undici:request:create", (request) => underWay.add(request));
// One that breaks off after its end is told twice.
on("undici:request:trailers", (request) => underWay.delete(request));
on("undici:request:error", (request) => underWay.delete(request));

/** How many calls have no answer yet. */
export function callsUnderWay(): number {
  return underWay.size;
}

/** Calls back whenever that number changes, until the returned function is called. */
export function onCalls(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
