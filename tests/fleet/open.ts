/** Opens an account as the plugin does, with what is wrong with it. */

import { openCore, type OpenCore } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import { fill, throwingHost } from "./faults.ts";
import { FleetHost } from "./host.ts";
import type { AccountPlan, Report } from "./messages.ts";

export async function open(plan: AccountPlan, tell: (report: Report) => void): Promise<Drive> {
  const { channel, accountId, config, answerOneIn, fault } = plan;
  const { promise, resolve } = Promise.withResolvers<Drive>();
  const host =
    fault === "throwing host"
      ? throwingHost(plan, promise, tell)
      : new FleetHost(promise, { account: accountId, answerOneIn, tell });
  const store = Store.open(plan.store);
  if (fault === "full disk") fill(plan.store);
  const core = fault === "trap" ? await coreWithFaults() : openCore;
  const drive = await Drive.open({ channel, accountId, config, store, host, openCore: core });
  resolve(drive);
  return drive;
}

/** Of the build that can be made to panic. */
async function coreWithFaults(): Promise<OpenCore> {
  const url = new URL("../../target/faults/dist/core.js", import.meta.url);
  const { openWasmCore }: { openWasmCore: OpenCore } = await import(url.href);
  return openWasmCore;
}
