/** An account's life as the gateway sees it: pending from its start until it is told to stop. */
import { join } from "node:path";
import { openCore, type Channel, type CoreAccount } from "../core/account.ts";
import type { Probe } from "../core/protocol.ts";
import { Drive, RefusedError } from "../drive.ts";
import { GatewayHost } from "../host/host.ts";
import { channelRuntimeOf, type ChannelGatewayContext } from "../host/sdk.ts";
import { announce, runningDrive } from "../host/send.ts";
import { Store } from "../io/store.ts";
import type { Account } from "./accounts.ts";
import { storeDirectory, storeName } from "./stores.ts";

type Context = ChannelGatewayContext<Account>;

/** Runs an account until the gateway stops it. Rejects only for faults that a restart may cure. */
export async function runAccount(channel: Channel, ctx: Context): Promise<void> {
  const { accountId, account, abortSignal } = ctx;
  const log = ctx.log ?? console;
  const opened = Promise.withResolvers<Drive>();
  const { dmPolicy = "pairing", allowFrom = [], groupPolicy = "open", groupAllowFrom = [] } = account.access;
  const host = new GatewayHost(
    {
      channel,
      accountId,
      cfg: ctx.cfg,
      rules: { dmPolicy, allowFrom, groupPolicy, groupAllowFrom },
      runtime: channelRuntimeOf(ctx),
      abortSignal,
      setStatus: ctx.setStatus,
      log,
    },
    opened.promise,
  );
  /** Only a person can help here, so nothing is tried again: not by us, and not by the gateway's restarts. */
  const block = (sentence: string): Promise<void> => {
    host.log("error", sentence);
    host.publish({ lifecycle: "blocked", detail: sentence });
    return aborted(abortSignal);
  };

  if (account.problem !== undefined) return block(account.problem);
  const store = Store.open(join(await storeDirectory(channel), storeName(accountId)));
  if (store.setAside) host.log("error", `the store was damaged and is kept as ${store.setAside}; it starts afresh`);
  let drive: Drive;
  try {
    drive = await Drive.open({ channel, accountId, config: account.config, store, host, openCore });
  } catch (error) {
    if (error instanceof RefusedError) return block(error.message);
    throw error;
  }
  opened.resolve(drive);
  using _announced = announce({ channel, accountId }, drive);
  using _running = drive;
  await aborted(abortSignal);
  host.publish({ lifecycle: "stopped", detail: "stopped" });
}

/** Whether an account works: asked of the running one, else of a core that lives only for the question. */
export async function probeAccount(channel: Channel, account: Account, timeoutMs: number): Promise<Probe> {
  const { accountId, config } = account;
  if (account.problem !== undefined) return { ok: false, connected: false, error: account.problem };
  const late = Promise.withResolvers<Probe>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const drive = runningDrive({ channel, accountId });
    const answer = drive ? drive.probe() : probeAlone(channel, accountId, config, late.promise);
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    return { ok: false, connected: false, error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** A core without store, sockets and a `started`: it answers one probe and goes. */
async function probeAlone(channel: Channel, accountId: string, config: unknown, late: Promise<Probe>): Promise<Probe> {
  const answer = Promise.withResolvers<Probe>();
  let core: CoreAccount | undefined;
  const attend = (work: (opened: CoreAccount) => ReturnType<CoreAccount["pump"]>) => {
    if (!core) return;
    try {
      for (const effect of work(core).effects) if (effect.kind === "settleProbe") answer.resolve(effect.probe);
    } catch (error) {
      core = undefined;
      answer.reject(error);
    }
  };
  core = await openCore({
    channel,
    accountId,
    config,
    wake: () => setImmediate(attend, (at: CoreAccount) => at.pump()),
  });
  attend((at) => at.handle({ kind: "probeAsked", request: 1 }));
  try {
    return await Promise.race([answer.promise, late]);
  } finally {
    const opened: CoreAccount | undefined = core;
    core = undefined;
    opened?.[Symbol.dispose]();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
