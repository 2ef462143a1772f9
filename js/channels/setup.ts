/** What `openclaw channels add` asks for, and where it goes. The same fields stand in package.json. */
import type { Channel } from "../core/account.ts";
import { DEFAULT_ACCOUNT_ID, normalizeAccountId, type ChannelPlugin } from "../host/sdk.ts";
import { resolveAccount, sectionOf, withAccountKeys, withSection } from "./accounts.ts";

export type SetupField = { key: string; flags: string; description: string; sensitive?: true };

type Setup = NonNullable<ChannelPlugin["setupContract"]>;

export function setupContract(id: Channel, fields: readonly SetupField[]): Setup {
  const known = new Set(["name", ...fields.map(({ key }) => key)]);
  const given = (input: unknown): Record<string, string> => {
    const values = input instanceof Object ? Object.entries(input) : [];
    return Object.fromEntries(values.filter(([key, value]) => known.has(key) && typeof value === "string"));
  };
  return {
    kind: "channel-owned",
    // Root keys are defaults of all accounts here, not an account that has no name yet.
    configPromotion: "preserve-root",
    metadata: {
      fields: fields.map(({ key, flags, description, sensitive }) => ({
        key,
        kind: "string",
        ...(sensitive ? { sensitive } : {}),
        cli: { flags, description },
      })),
    },
    parseInput: (input) => {
      const unknown = Object.keys(Object(input)).filter((key) => !known.has(key));
      return unknown[0] === undefined
        ? { ok: true, value: given(input) }
        : { ok: false, error: `unsupported setup option: ${unknown[0]}` };
    },
    resolveAccountId: ({ accountId }) => (accountId ? normalizeAccountId(accountId) : DEFAULT_ACCOUNT_ID),
    validateInput: ({ cfg, accountId, input }) => {
      const token = fields.find(({ sensitive }) => sensitive);
      if (!token || given(input)[token.key]?.trim() || resolveAccount(cfg, id, accountId).configured) return null;
      return `${token.flags} is needed: ${token.description}.`;
    },
    applyAccountConfig: ({ cfg, accountId, input }) => {
      const enabled = withSection(cfg, id, { ...sectionOf(cfg, id), enabled: true });
      return withAccountKeys(enabled, id, accountId, given(input));
    },
  };
}
