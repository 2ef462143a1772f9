/** JSON that keeps 64-bit integers: both platforms answer ids as bare numbers beyond 2^53. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** V8 has raw JSON literals and source access for revivers; TypeScript's library does not describe them yet. */
interface ExactJson {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine has both, see above
const exact = JSON as unknown as ExactJson;

/** Like JSON.stringify, with a BigInt written as a bare number. */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? exact.rawJSON(item.toString()) : item,
  );
}

/** Like JSON.parse, with an integer beyond 2^53 read as a BigInt. */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
      ? BigInt(source)
      : value,
  );
}

/** Fields that hold credentials wherever they occur. */
const secretFields = new Set(["token", "im_token", "bot_token"]);

/** Shows that a secret was there and which one, without showing it. */
export function redact(secret: string): string {
  return `…${secret.slice(-4)}`;
}

/** A plain copy for the ledger: 64-bit ids as decimal strings, bytes as base64, credentials cut to their last characters. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === "object" ? toJsonObject(value) : null;
}

export function toJsonObject(value: object): JsonObject {
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    fields.map(([key, item]) => [key, secretFields.has(key) && item ? redact(String(item)) : toJson(item)]),
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
