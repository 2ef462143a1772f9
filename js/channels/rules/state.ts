/** Where the accounts keep what must survive: without it nothing is received. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { whyUnwritable } from "../../io/folder.ts";
import { storeDirectory, storeName } from "../stores.ts";
import type { Facts, Finding } from "./finding.ts";

export async function unwritableState({ channel, account }: Pick<Facts, "channel" | "account">): Promise<Finding[]> {
  const directory = await storeDirectory(channel);
  const store = join(directory, storeName(account.accountId));
  const why = whyUnwritable(directory, [store].filter(existsSync));
  if (why === undefined) return [];
  const message = `the account's messages can't be kept in ${directory}: ${why}.`;
  const fix = "Make room there and let the gateway's user write; until then no message is received.";
  return [{ rule: "state", key: "OPENCLAW_STATE_DIR", message, fix, serious: true }];
}
