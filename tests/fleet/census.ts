/** What a process holds: memory, sockets, timers, listeners, open files. */

import { existsSync, readdirSync } from "node:fs";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";

/** What one collection lets go of is there for the next one: finalizers and weak references need turns of the loop. */
const COLLECTIONS = 5;

/** Sizes in bytes. */
export type Census = {
  /** JavaScript's heap after a collection. */
  heap: number;
  /** Buffers and the memory of the cores. */
  external: number;
  /** What the system has given to the process. */
  resident: number;
  /** What keeps the event loop alive, by type: sockets, timers, pipes. */
  resources: Readonly<Record<string, number>>;
  /** Of the process itself. */
  listeners: number;
  /** Open file descriptors: files, sockets and pipes. */
  files: number;
};

export async function count(): Promise<Census> {
  for (let collection = 1; collection <= COLLECTIONS; collection += 1) {
    globalThis.gc?.();
    await turnOfTheLoop();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    heap: heapUsed,
    external,
    resident: rss,
    resources: tally(process.getActiveResourcesInfo()),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    files: openFiles(),
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const tallied: Record<string, number> = {};
  for (const name of names) tallied[name] = (tallied[name] ?? 0) + 1;
  return tallied;
}

/** The one that reads the folder is not counted. */
function openFiles(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length - 1 : 0;
}
