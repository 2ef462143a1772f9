/** Where the accounts keep what must survive. */
import { join } from "node:path";
import type { Channel } from "../core/account.ts";
import { stateDirectory } from "../host/sdk.ts";

const SUFFIX = ".sqlite";

/** The folder of a channel's stores. */
export async function storeDirectory(channel: Channel): Promise<string> {
  return join(await stateDirectory(), "plugins-data", "openclaw-mochat-dmwork", channel);
}

/** The name of an account's store in its folder. */
export function storeName(accountId: string): string {
  return `${encodeURIComponent(accountId)}${SUFFIX}`;
}

/** The account of a store, if the file is one. */
export function accountOfStore(name: string): string | undefined {
  return name.endsWith(SUFFIX) ? decodeURIComponent(name.slice(0, -SUFFIX.length)) : undefined;
}
