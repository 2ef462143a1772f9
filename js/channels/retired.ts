/** Keys of older plugins that an operator wrote down and that do nothing, for the status and the doctor. */
import type { Channel } from "../core/account.ts";
import { RETIRED } from "../core/retired.ts";
import type { Account } from "./accounts.ts";

/** Those that have a value, the section's included. */
export function keysWithoutEffect(
  channel: Channel,
  { config }: Pick<Account, "config">,
): { message: string; fix: string }[] {
  const set = Object.entries(RETIRED[channel]).filter(([key]) => config[key] !== undefined);
  return set.map(([key, why]) => ({ message: `${key}: has no effect. ${why}`, fix: "Remove it." }));
}
