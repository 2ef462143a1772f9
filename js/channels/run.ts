/** An account's life as the gateway sees it: pending from its start until it is told to stop. */
import { join } from "node:path";
import { openCore, type Channel, type CoreAccount } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import type { Effect, Input, Probe } from "../core/protocol.ts";
import { Drive, RefusedError } from "../drive.ts";
import { answered, probed, type Settlement } from "../drive/requests.ts";
import { GatewayHost } from "../host/host.ts";
import { channelRuntimeOf, type ChannelGatewayContext } from "../host/sdk.ts";
import { announce, heldTurns, runningDrive } from "../host/running.ts";
import { problemSentence, TOKEN_KEYS, type Account } from "./accounts.ts";
import { openStore } from "./open-store.ts";
import { storeDirectory, storeName } from "./stores.ts";
import { keepToken } from "./token.ts";

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
      keepToken: (token) => keepToken({ channel, accountId, token: account.config[TOKEN_KEYS[channel]] }, token),
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

  if (account.problem !== undefined) return block(problemSentence(account.problem));
  const path = join(await storeDirectory(channel), storeName(accountId));
  const store = await openStore(path, host, abortSignal);
  if (!store) return;
  if (store.setAside)
    host.log("error", `the store was damaged and is kept as ${store.setAside}; what can be read of it goes on`);
  const turns = heldTurns({ channel, accountId });
  let drive: Drive;
  try {
    drive = await Drive.open({ channel, accountId, config: account.config, store, host, openCore, turns });
  } catch (error) {
    if (error instanceof RefusedError) return block(error.message);
    throw error;
  }
  opened.resolve(drive);
  using _announced = announce({ channel, accountId }, drive);
  using _running = drive;
  await Promise.race([aborted(abortSignal), drive.broken]);
  host.publish({ lifecycle: "stopped", detail: "stopped" });
}

/** Whether an account works: asked of the running one, else of a core that lives only for the question. */
export async function probeAccount(channel: Channel, account: Account, timeoutMs: number): Promise<Probe> {
  const { problem } = account;
  if (problem !== undefined) return { ok: false, connected: false, lacks: [], error: problemSentence(problem) };
  const drive = runningDrive({ channel, accountId: account.accountId });
  try {
    const alone = async () => probed(await askAlone(channel, account, { kind: "probeAsked", request: 1 }));
    return await within(timeoutMs, drive ? drive.probe() : alone());
  } catch (error) {
    return { ok: false, connected: false, lacks: [], error: messageOf(error) };
  }
}

/** The server's lists take one call each. */
const DIRECTORY_TIMEOUT_MS = 30_000;

/** What the core answers to a question of the directory; rejects with its words if it can't. */
export function askDirectory(channel: Channel, account: Account, parameters: unknown): Promise<string> {
  return askTool(channel, account, "directory", parameters);
}

/** What the core answers when the operator has a tool called; rejects with its words if it can't. */
export async function askTool(channel: Channel, account: Account, tool: string, parameters: unknown): Promise<string> {
  if (account.problem !== undefined) throw new Error(problemSentence(account.problem));
  const drive = runningDrive({ channel, accountId: account.accountId });
  // The gateway lets the operator ask, and itself for a target given by name.
  const ask = { tool, parameters, caller: { operator: true } };
  const alone = async () =>
    answered(await askAlone(channel, account, { kind: "toolAsked", request: 1, ask: JSON.stringify(ask) }));
  return await within(DIRECTORY_TIMEOUT_MS, drive ? drive.tool(ask) : alone());
}

async function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A core without store, sockets and a `started`: it answers one question and goes. Its calls end by a deadline. */
async function askAlone(channel: Channel, { accountId, config }: Account, question: Input): Promise<Settlement> {
  const answer = Promise.withResolvers<Settlement>();
  let core: CoreAccount | undefined;
  const attend = (work: (opened: CoreAccount) => ReturnType<CoreAccount["pump"]>) => {
    if (!core) return;
    try {
      for (const effect of work(core).effects) if (isAnswer(effect)) answer.resolve(effect);
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
  attend((at) => at.handle(question));
  try {
    return await answer.promise;
  } finally {
    const opened: CoreAccount | undefined = core;
    core = undefined;
    opened?.[Symbol.dispose]();
  }
}

function isAnswer(effect: Effect): effect is Settlement {
  return effect.kind === "settleProbe" || effect.kind === "settleTool";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
