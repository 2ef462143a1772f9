/** Accounts as the plugin runs them, in a process of their own, without a gateway. Follows the orders of its parent. */

import { count } from "./census.ts";
import type { Order, Report } from "./messages.ts";
import { open } from "./open.ts";

process.on("message", (order: Order) => void follow(order));
process.on("warning", (warning) => tell({ kind: "warned", text: String(warning) }));
// Whoever gave the orders is gone.
process.on("disconnect", () => process.exit());

async function follow(order: Order): Promise<void> {
  if (order.kind === "count") return tell({ kind: "counted", census: await count() });
  for (const account of order.accounts) await open(account, tell);
  tell({ kind: "opened" });
}

function tell(report: Report): void {
  process.send?.(report);
}
