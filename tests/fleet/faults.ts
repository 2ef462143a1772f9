/** What can be wrong with one account while its neighbors are well. */

import { DatabaseSync } from "node:sqlite";
import { connect, createServer } from "node:net";
import { once } from "node:events";
import type { GatewayAccount } from "../../js/host/account.ts";
import { GatewayHost } from "../../js/host/host.ts";
import type { Drive } from "../../js/drive.ts";
import type { Host } from "../../js/drive/host.ts";
import { moment, type AccountPlan, type Report } from "./messages.ts";

export const FAULTS = ["bad token", "trap", "throwing host", "slow server", "full disk"] as const;
export type Fault = (typeof FAULTS)[number];

/** The build with faults panics on this text; see `src/faults.rs`. */
export const TRAP = "trap the core";

/** How long the slow server lets each connection wait. */
const SLOW_MS = 30_000;
const HOST = "127.0.0.1";

/** From now on nothing of ours can be written into this store. */
export function fill(store: string): void {
  using db = new DatabaseSync(store);
  for (const change of ["INSERT", "UPDATE"]) {
    db.exec(
      `CREATE TRIGGER full_${change} BEFORE ${change} ON entries BEGIN
         SELECT RAISE(ABORT, 'database or disk is full'); END`,
    );
  }
}

/** The plugin's own host on a gateway that throws whatever it is asked. */
export function throwingHost({ channel, accountId }: AccountPlan, opened: Promise<Drive>, tell: Tell): Host {
  const runtime: unknown = new Proxy(
    {},
    {
      get: () => {
        throw new Error("the gateway is broken");
      },
    },
  );
  const log = (level: "info" | "warn" | "error") => (text: string) =>
    tell({ kind: "logged", account: accountId, level, text });
  const account: unknown = {
    channel,
    accountId,
    cfg: {},
    rules: { dmPolicy: "open", allowFrom: [], groupPolicy: "open", groupAllowFrom: [] },
    runtime,
    keepToken: () => Promise.resolve(undefined),
    abortSignal: new AbortController().signal,
    setStatus: ({ lifecycle, stateReason }: { lifecycle?: "ready"; stateReason?: string }) => {
      if (lifecycle) tell({ kind: "status", account: accountId, at: moment(), lifecycle, detail: stateReason ?? "" });
    },
    log: { info: log("info"), warn: log("warn"), error: log("error") },
  };
  return new GatewayHost(account as GatewayAccount, opened);
}

type Tell = (report: Report) => void;

/** A way to the server at this URL on which each connection is let through half a minute after it was made. */
export async function slowWay(url: string): Promise<AsyncDisposable & { url: string }> {
  const { hostname, port, protocol } = new URL(url);
  const open = new Set<() => void>();
  const server = createServer((client) => {
    const timer = setTimeout(() => {
      const upstream = connect(Number(port), hostname);
      open.add(() => upstream.destroy());
      upstream.on("error", () => client.destroy());
      client.pipe(upstream).pipe(client);
    }, SLOW_MS);
    open.add(() => client.destroy());
    client.on("error", () => client.destroy());
    client.on("close", () => clearTimeout(timer));
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  const dispose = async () => {
    const closed = once(server, "close");
    server.close();
    for (const destroy of open) destroy();
    await closed;
  };
  return { url: `${protocol}//${HOST}:${address.port}`, [Symbol.asyncDispose]: dispose };
}
