/** Counts the HTTP calls of this process that are under way, as Node's `fetch` announces them. */

import { subscribe } from "node:diagnostics_channel";

let underWay = 0;
const listeners = new Set<() => void>();

function count(change: number): () => void {
  return () => {
    underWay += change;
    for (const listener of listeners) listener();
  };
}

subscribe("undici:request:create", count(1));
subscribe("undici:request:trailers", count(-1));
subscribe("undici:request:error", count(-1));

/** How many calls have no answer yet. */
export function callsUnderWay(): number {
  return underWay;
}

/** Calls back whenever that number changes, until the returned function is called. */
export function onCalls(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
