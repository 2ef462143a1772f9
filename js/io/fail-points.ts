/**
 * Moments at which a test has the process killed, as the kernel does it: nothing is flushed and nobody is told. Only sources
 * and the build with faults know them; the bundle of a release has neither this file nor a call of it.
 */

/** All of them, in the order in which a message passes them. */
export const failPoints = [
  /** Nothing of the message is on disk. */
  "commit.before",
  /** Written, in a transaction that is still open. */
  "commit.during",
  /** On disk, and the core does not know. */
  "commit.after",
  /** Of the frames on the realtime connection all but the login and the pings are acknowledgements. */
  "acknowledge.before",
  /** The kernel may have it. */
  "acknowledge.during",
  /** The kernel has it. */
  "acknowledge.after",
  /** The same for a server that keeps messages until they are acknowledged by a call. */
  "dequeue.before",
  "dequeue.during",
  "dequeue.after",
  /** The gateway does not know the turn. */
  "offer.before",
  /** The gateway has it; the trail does not say so yet. */
  "offer.after",
  /** The gateway has noted that the turn is its own, and we have not. */
  "adopt.before",
  /** Heard, and the core has not. */
  "adopt.during",
  /** The core has dealt with it; the gateway has not begun. */
  "adopt.after",
  "resolve.before",
  /** Written, in a transaction that is still open. */
  "resolve.during",
  "resolve.after",
  /** The call that posts a reply is made, and nothing of it is on its way. */
  "post.before",
  /** All of it is on its way. */
  "post.during",
  /** The server has taken it, and its answer is not read. */
  "post.after",
] as const;

export type FailPoint = (typeof failPoints)[number];

let left: number | undefined;

/** Ends the process here if this is the point of `FAIL_POINT=<point>:<n>`, and it is passed for the n-th time. */
export function failPoint(point: FailPoint): void {
  if (!process.env["FAIL_POINT"]) return;
  const [wanted, times = "1"] = process.env["FAIL_POINT"].split(":");
  if (point !== wanted) return;
  left = (left ?? Number(times)) - 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

/** Which moments of a call are points: `fetch` announces them. */
const MOMENTS = { create: "before", bodySent: "during", headers: "after" } as const;

/** Calls are made inside of the core's module, so their points are where Node makes them. */
if (process.env["FAIL_POINT"]) {
  const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
  for (const [event, moment] of Object.entries(MOMENTS)) {
    subscribe(`undici:request:${event}`, (message) => {
      const path = String(Object(Object(message).request).path);
      if (/\/(?:sendMessage|send)$/.test(path)) failPoint(`post.${moment}`);
      if (/\/events\/\d+\/ack$/.test(path)) failPoint(`dequeue.${moment}`);
    });
  }
}
