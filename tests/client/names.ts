/** A name of this machine that the system's resolver knows, or does not. Nothing of ours is replaced: Node asks here. */

import dns from "node:dns";

type Answer = (error: Error | null, address?: string | dns.LookupAddress[], family?: number) => void;

/** Reserved for tests; no resolver knows it. */
export const NAME = "im.dmwork.test";

let isKnown = false;

export function resolves(known: boolean): void {
  isKnown = known;
}

const lookup = dns.lookup;

function answer(name: string, options: dns.LookupOptions, callback: Answer): void {
  if (name !== NAME) {
    lookup(name, options, callback);
  } else if (!isKnown) {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${NAME}`), { code: "ENOTFOUND", hostname: NAME });
    queueMicrotask(() => callback(error));
  } else if (options.all) {
    queueMicrotask(() => callback(null, [{ address: "127.0.0.1", family: 4 }]));
  } else {
    queueMicrotask(() => callback(null, "127.0.0.1", 4));
  }
}

Object.assign(dns, { lookup: answer });
