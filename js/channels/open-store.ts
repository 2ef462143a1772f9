/** Opens an account's store, as soon as that is possible. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../core/errors.ts";
import type { Host } from "../drive/host.ts";
import { Store } from "../io/store.ts";

/**
 * Between two attempts. A full disk, a folder that may not be written and another gateway go away by somebody's hand, who
 * looks at the status meanwhile; the gateway's own restarts would end after ten.
 */
const AGAIN_MS = 10_000;

/** The store, or nothing if the account was stopped before. The account is blocked for as long as it can't be opened. */
export async function openStore(
  path: string,
  host: Pick<Host, "log" | "publish">,
  signal: AbortSignal,
  againMs = AGAIN_MS,
): Promise<Store | undefined> {
  let told = "";
  while (!signal.aborted) {
    try {
      return Store.open(path);
    } catch (error) {
      const sentence = `Nothing is heard until the store can be opened, which is tried again by itself: ${messageOf(error)}`;
      if (sentence !== told) host.log("error", sentence);
      if (sentence !== told) host.publish({ lifecycle: "blocked", detail: sentence });
      told = sentence;
    }
    await sleep(againMs, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
