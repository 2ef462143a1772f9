/** A probe as the gateway shows it: what the core found, and what is measured around it. */
import type { Channel } from "../core/account.ts";
import { coreHash } from "../core/load.ts";
import type { Probe } from "../core/protocol.ts";
import type { Account } from "./accounts.ts";
import { serverOf } from "./rules/server.ts";
import { probeAccount } from "./run.ts";

export type ProbeReport = Omit<Probe, "bot"> & {
  /** Under the name by which the gateway looks for it. */
  bot?: { username: string };
  server?: string;
  /** From the question to the answer of the server's API, in milliseconds. */
  roundTripMs?: number;
  /** The server's clock minus this machine's, to the second. */
  clockSkewMs?: number;
  /** The first digits of the core's SHA-256, by which a build is known. */
  core: string;
};

export async function probe(channel: Channel, account: Account, timeoutMs: number): Promise<ProbeReport> {
  const server = serverOf({ channel, account });
  const began = performance.now();
  const [{ found, roundTripMs }, skew, core] = await Promise.all([
    probeAccount(channel, account, timeoutMs).then((result) => {
      return { found: result, roundTripMs: Math.round(performance.now() - began) };
    }),
    server === undefined ? undefined : skewOf(server, timeoutMs),
    coreHash(),
  ]);
  const { bot, owner, ...rest } = found;
  return {
    ...rest,
    ...(bot === undefined ? {} : { bot: { username: plain(bot) } }),
    ...(owner === undefined ? {} : { owner: plain(owner) }),
    ...(server === undefined ? {} : { server }),
    ...(found.ok ? { roundTripMs } : {}),
    ...(skew === undefined ? {} : { clockSkewMs: skew }),
    core,
  };
}

/** In a file of its own: no bundle both reads files and asks the network, which is what the gateway's scanner looks for. */
async function skewOf(server: string, timeoutMs: number): Promise<number | undefined> {
  const { clockSkew } = await import("../io/server-clock.ts");
  return clockSkew(server, AbortSignal.timeout(timeoutMs));
}

/** Names come from outside, and nothing in them may steer a terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, "�");
}
