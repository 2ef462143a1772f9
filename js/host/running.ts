/** The accounts of this process, and what outlives their restarts. */
import type { Channel } from "../core/account.ts";
import type { Drive } from "../drive.ts";
import { HeldTurns } from "../drive/turns.ts";
import { normalizeAccountId } from "./sdk.ts";

export type Address = { channel: Channel; accountId: string };

type Home = {
  running: Map<string, Drive>;
  held: Map<string, HeldTurns>;
  /** When an account stopped, in milliseconds of this process. */
  stoppedAt: Map<string, number>;
  waiting: Set<() => void>;
};

const HOME: unique symbol = Symbol.for("openclaw-mochat-dmwork.accounts");
const home: typeof globalThis & { [HOME]?: Home } = globalThis;

/**
 * The gateway's send adapters belong to a channel, not to an account, and a turn or a reply may outlive the account's
 * restart that a change of its settings causes: all of them find their account here when they need it.
 *
 * Kept by the process, not by this module: the gateway loads a copy of the plugin for its channels and another one for
 * the agent's tools.
 */
const { running, held, stoppedAt, waiting } = (home[HOME] ??= {
  running: new Map(),
  held: new Map(),
  stoppedAt: new Map(),
  waiting: new Set(),
});

/** An account restarts within a second; one that was removed or disabled doesn't. */
const RESTART_MS = 5_000;

/** Makes an account reachable until it is disposed of. */
export function announce(address: Address, drive: Drive): Disposable {
  const key = keyOf(address);
  running.set(key, drive);
  for (const look of waiting) look();
  return {
    [Symbol.dispose]() {
      // Its successor may be there already.
      if (running.get(key) !== drive) return;
      running.delete(key);
      stoppedAt.set(key, performance.now());
    },
  };
}

export function runningDrive(address: Address): Drive | undefined {
  return running.get(keyOf(address));
}

/** The running account, or the one that takes its place within some seconds of its end. */
export async function nextDrive(address: Address): Promise<Drive | undefined> {
  const left = (stoppedAt.get(keyOf(address)) ?? -RESTART_MS) + RESTART_MS - performance.now();
  if (runningDrive(address) || left <= 0) return runningDrive(address);
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => runningDrive(address) && resolve();
  const timer = setTimeout(resolve, left);
  waiting.add(look);
  await promise;
  waiting.delete(look);
  clearTimeout(timer);
  return runningDrive(address);
}

/** The turns of an account that the gateway holds, from one start of it to the next. */
export function heldTurns(address: Address): HeldTurns {
  const key = keyOf(address);
  const turns = held.get(key) ?? new HeldTurns();
  held.set(key, turns);
  return turns;
}

/** The gateway lowers the case of ids in some places and not in others. */
function keyOf({ channel, accountId }: Address): string {
  return `${channel}/${normalizeAccountId(accountId)}`;
}
