/** Finds the message that somebody asks about, in the stores of a channel. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { accountIds, namesakes, sectionOf } from "../channels/accounts.ts";
import { accountOfStore, storeDirectory, storeName } from "../channels/stores.ts";
import type { Channel } from "../core/account.ts";
import { normalizeAccountId, type OpenClawConfig } from "../host/sdk.ts";
import { readPath, type MessagePath } from "../io/lookup.ts";

export type Question = { channel: Channel; cfg: OpenClawConfig; message: string; account?: string | undefined };

export type Found = { account: string; path: MessagePath };

/** Nothing to show; the sentence says why. */
export class NothingFound extends Error {}

/** Every account that knows the message; of `last`, the account that heard something last. */
export async function find(question: Question): Promise<Found[]> {
  const { channel, message, account } = question;
  const directory = await storeDirectory(channel);
  const accounts = account === undefined ? stored(directory) : [chosen(question, account, directory)];
  if (accounts.length === 0) {
    throw new NothingFound(`No ${channel} account has run yet, so there is nothing to look at.`);
  }
  const wanted = message === "last" ? message : { id: message };
  const unreadable: unknown[] = [];
  const found = accounts.flatMap((name): Found[] => {
    try {
      const path = readPath(join(directory, storeName(name)), wanted);
      return path ? [{ account: name, path }] : [];
    } catch (error) {
      // Another account may know the message: one that is not used any more is no reason to hide it.
      unreadable.push(error);
      return [];
    }
  });
  if (found.length === 0) throw unreadable[0] ?? new NothingFound(nothing(question, accounts));
  if (message !== "last") return found;
  return [found.reduce((last, other) => (other.path.receivedAt > last.path.receivedAt ? other : last))];
}

function nothing({ channel, message }: Question, accounts: string[]): string {
  const [one, ...more] = accounts;
  const who = more.length === 0 ? `The ${channel} account ${one}` : `No ${channel} account (${accounts.join(", ")})`;
  const not = more.length === 0 ? " not" : "";
  if (message === "last") return `${who} has${not} received a message yet.`;
  const knows = more.length === 0 ? "does not know" : "knows";
  return `${who} ${knows} message ${message}: it never arrived, or is older than 30 days or 20,000 messages.`;
}

/** Accounts that have a store; one may have left the configuration since. */
function stored(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((name) => accountOfStore(name) ?? [])
    .toSorted();
}

function chosen({ channel, cfg }: Question, requested: string, directory: string): string {
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
