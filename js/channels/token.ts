/** Writes a renewed token into the configuration, where the old one stands. */
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import { editConfig } from "../host/config-file.ts";
import { authoredConfig, type OpenClawConfig } from "../host/sdk.ts";
import { renewCredentials } from "../io/credentials.ts";
import { accountKey, sectionOf, TOKEN_KEYS, withAccount, withSection } from "./accounts.ts";

type Place = { channel: Channel; accountId: string; /** The token as the gateway resolved it. */ token: unknown };

/**
 * Resolves with why the token can't be written, and where: in the configuration, or only in a file with the credentials
 * that other tools read. Without a token, with why none could be. May be called again with the same token.
 */
export async function keepToken(place: Place, token: string | undefined): Promise<string | undefined> {
  try {
    if (token === undefined) {
      holderOf(await authoredConfig(), place);
      return undefined;
    }
    await editConfig((draft, authored) => withToken(draft, authored, place, token));
  } catch (error) {
    return messageOf(error);
  }
  try {
    if (place.channel === "mochat") renewCredentials(place.accountId, String(place.token), token);
    return undefined;
  } catch (error) {
    return `it stands in the configuration, but a file with the credentials could not be renewed: ${messageOf(error)}`;
  }
}

/** The same configuration with a new token. `authored` is what stands in the file, word for word. */
export function withToken(draft: OpenClawConfig, authored: OpenClawConfig, place: Place, token: string) {
  const { channel } = place;
  const key = holderOf(authored, place, token);
  const section = sectionOf(draft, channel);
  const change = { [TOKEN_KEYS[channel]]: token };
  return withSection(draft, channel, key === undefined ? { ...section, ...change } : withAccount(section, key, change));
}

/**
 * The account's key if the token is its own, nothing if it is the section's. Throws if it is not there word for word, nor
 * the renewed one from an attempt before.
 */
function holderOf(
  authored: OpenClawConfig,
  { channel, accountId, token }: Place,
  renewed: unknown = token,
): string | undefined {
  const name = TOKEN_KEYS[channel];
  const section = sectionOf(authored, channel);
  const key = accountKey(section, accountId);
  const own = key === undefined ? undefined : Object(Object(section["accounts"])[key])[name];
  const written: unknown = own ?? section[name];
  if (written instanceof Object) {
    throw new Error(`${name} is a reference to a secret; renew it where the secret is kept`);
  }
  const known = [token, renewed].map((one) => String(one).trim());
  if (typeof written !== "string" || !known.includes(written.trim())) {
    throw new Error(`${name} is not written out in the configuration file; renew it where it comes from`);
  }
  return own === undefined ? undefined : key;
}
