/** Accounts as the plugin runs them, in a process of their own, without a gateway. Follows the orders of its parent. */

import { openCore } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import { count } from "./census.ts";
import { FleetHost } from "./host.ts";
import type { AccountPlan, Order, Report } from "./messages.ts";

process.on("message", (order: Order) => void follow(order));
process.on("warning", (warning) => tell({ kind: "warned", text: String(warning) }));
// Whoever gave the orders is gone.
process.on("disconnect", () => process.exit());

async function follow(order: Order): Promise<void> {
  if (order.kind === "count") return tell({ kind: "counted", census: await count() });
  for (const account of order.accounts) await open(account);
  tell({ kind: "opened" });
}

async function open({ channel, accountId, config, store, answerOneIn }: AccountPlan): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Drive>();
  const host = new FleetHost(promise, { account: accountId, answerOneIn, tell });
  resolve(await Drive.open({ channel, accountId, config, store: Store.open(store), host, openCore }));
}

function tell(report: Report): void {
  process.send?.(report);
}
