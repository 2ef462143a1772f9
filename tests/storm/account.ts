/** One bot account of the storm as the plugin runs it, and the network between it and its platform. */

import { leap, real } from "../client/clock.ts";
import { join } from "node:path";
import { openCore, type Channel as Platform } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import { FaultProxy, type Ending } from "../../sandbox/fault-proxy.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { callsUnderWay } from "../client/calls.ts";
import { settingsOf } from "../fleet/settings.ts";
import type { Audit } from "../talk/audit.ts";
import { StormHost } from "./host.ts";

/** Seconds of the account's clock that it is given at a time while it is away; the longest wait of its own comes last. */
const PATIENCE = [1, 2, 5, 15, 20, 30, 60, 60, 120, 300, 600, 1_800];
/**
 * The same while it believes in a connection. It would take a longer one for a sleep of its machine, after which nobody can
 * say whether an answer that did not come was lost.
 */
const HEARTBEAT_STEP = 4;
/** Real time that bytes on their way and calls get between two of these. */
const SETTLE_MS = 15;
const CALL_MS = 500;

export class StormAccount {
  readonly platform: Platform;
  readonly host: StormHost;
  /** The socket's way, and that of the calls. */
  readonly wire: FaultProxy;
  readonly http: FaultProxy;
  readonly #sandbox: Sandbox;
  readonly #drive: Drive;

  private constructor(
    platform: Platform,
    host: StormHost,
    [wire, http]: readonly [FaultProxy, FaultProxy],
    sandbox: Sandbox,
    drive: Drive,
  ) {
    this.platform = platform;
    this.host = host;
    this.wire = wire;
    this.http = http;
    this.#sandbox = sandbox;
    this.#drive = drive;
  }

  static async open(platform: Platform, sandbox: Sandbox, audit: Audit, folder: string): Promise<StormAccount> {
    const url = sandbox.urls[platform];
    const [wire, http] = [await FaultProxy.open(url), await FaultProxy.open(url)];
    const { promise, resolve } = Promise.withResolvers<Drive>();
    const host = new StormHost(promise, audit, `${platform} answer`);
    const drive = await Drive.open({
      channel: platform,
      accountId: platform,
      config: settingsOf(platform, sandbox, { wire, http }),
      store: Store.open(join(folder, `${platform}.sqlite`)),
      host,
      openCore,
    });
    resolve(drive);
    return new StormAccount(platform, host, [wire, http], sandbox, drive);
  }

  /**
   * Mochat's server pings its clients, and lets go of one whose answers get lost. The client hears the pings and can't know.
   * The server's own timer is not on the fast clock, so it is told that the time is over.
   */
  serverGivesUp({ directions }: Extract<Ending, { kind: "forget" }>): void {
    if (this.platform === "mochat" && !directions.includes("down")) this.#sandbox.mochat.realtime.drop();
  }

  /** Waits until it has a new connection, and lets the time pass that it waits itself. */
  async back(connections: number, isOver: () => boolean): Promise<void> {
    const isBack = () => this.wire.accepted > connections && this.wire.alive > 0 && this.host.isReady;
    let accepted = this.wire.accepted;
    for (let round = 0; !isBack() && !isOver();) {
      await settled();
      if (isBack()) break;
      // A connection that is being made is not to run into its deadline.
      const isNew = this.wire.accepted > accepted;
      accepted = this.wire.accepted;
      if (isNew) continue;
      leap(this.host.isReady ? HEARTBEAT_STEP : (PATIENCE[Math.min(round, PATIENCE.length - 1)] ?? 1));
      round += 1;
    }
  }

  async close(): Promise<void> {
    this.#drive.close();
    await Promise.all([this.wire.close(), this.http.close()]);
  }
}

/** Bytes that are on their way arrive, and calls are answered, unless that takes too long. */
export async function settled(): Promise<void> {
  const until = performance.now() + CALL_MS;
  do await new Promise((resolve) => real.setTimeout(() => resolve(undefined), SETTLE_MS));
  while (callsUnderWay() > 0 && performance.now() < until);
}
