/** The stores of a channel's accounts, for commands that look into them beside the gateway. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { accountIds, namesakes, sectionOf } from "../channels/accounts.ts";
import { accountOfStore, storeDirectory, storeName } from "../channels/stores.ts";
import type { Channel } from "../core/account.ts";
import { normalizeAccountId, type OpenClawConfig } from "../host/sdk.ts";

export type Scope = { channel: Channel; cfg: OpenClawConfig; account?: string | undefined };

export type StoreOf = { account: string; file: string };

/** Nothing to show; the sentence says why. */
export class NothingFound extends Error {}

/** Those of all accounts, also of such as have left the configuration, or the one that was asked for. Never none. */
export async function storesOf(scope: Scope): Promise<StoreOf[]> {
  const { channel, account } = scope;
  const directory = await storeDirectory(channel);
  const accounts = account === undefined ? stored(directory) : [chosen(scope, account, directory)];
  if (accounts.length === 0) {
    throw new NothingFound(`No ${channel} account has run yet, so there is nothing to look at.`);
  }
  return accounts.map((name) => ({ account: name, file: join(directory, storeName(name)) }));
}

function stored(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((name) => accountOfStore(name) ?? [])
    .toSorted();
}

function chosen({ channel, cfg }: Scope, requested: string, directory: string): string {
  const account = normalizeAccountId(requested);
  const keys = namesakes(sectionOf(cfg, channel), account);
  if (keys.length > 1) {
    throw new NothingFound(`${keys.join(" and ")} are the same ${channel} account. Rename one of them.`);
  }
  if (existsSync(join(directory, storeName(account)))) return account;
  const configured = accountIds(cfg, channel);
  if (configured.includes(account)) throw new NothingFound(`The ${channel} account ${account} has not run yet.`);
  const known = [...new Set([...configured, ...stored(directory)])].join(", ");
  throw new NothingFound(`There is no ${channel} account ${account}${known ? `; there is ${known}` : ""}.`);
}
