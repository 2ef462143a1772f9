/** Where the accounts keep what must survive. */
import { join } from "node:path";
import type { Channel } from "../core/account.ts";
import { stateDirectory } from "../host/sdk.ts";

const SUFFIX = ".sqlite";
/** What Windows takes for a device, also with an ending: a store `nul.sqlite` would keep nothing. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** The folder of a channel's stores. */
export async function storeDirectory(channel: Channel): Promise<string> {
  return join(await stateDirectory(), "plugins-data", "openclaw-mochat-dmwork", channel);
}

/** The name of an account's store in its folder. */
export function storeName(accountId: string): string {
  const name = encodeURIComponent(accountId);
  const escaped = DEVICE.test(name) ? `%${name.charCodeAt(0).toString(16)}${name.slice(1)}` : name;
  return `${escaped}${SUFFIX}`;
}

/** The account of a store, if the file is one. */
export function accountOfStore(name: string): string | undefined {
  if (!name.endsWith(SUFFIX)) return undefined;
  try {
    return decodeURIComponent(name.slice(0, -SUFFIX.length));
  } catch {
    // A file of somebody else's.
    return undefined;
  }
}
