/**
 * The settings of the bots: what the plugin's manifest offers, what the gateway's configuration says, and a change of it. The
 * gateway watches the file and takes a change over by itself, as after an operator's edit.
 */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { MessagePath } from "../../js/io/lookup.ts";
import { isRecord } from "../json.ts";
import { Refusal } from "../refusal.ts";
import type { Platform, Setting, SettingValue } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";
import type { BotIdentity, Spot } from "./world.ts";

type Json = Readonly<Record<string, unknown>>;

/** A key of the manifest that is of a simple kind. */
type Offer = Pick<Setting, "kind" | "choices" | "least" | "most" | "about"> & { readonly key: string };

/** Addresses, names and credentials are the sandbox's business, and texts no switch. */
const MANIFEST = new URL("../../openclaw.plugin.json", import.meta.url);

export class Settings {
  readonly #rooms: Rooms;
  readonly #file: () => string | undefined;
  readonly #offers: Readonly<Record<Platform, { account: Offer[]; room: Offer[] }>>;

  /** `file` is the gateway's openclaw.json, once there is one. */
  constructor(rooms: Rooms, file: () => string | undefined) {
    this.#rooms = rooms;
    this.#file = file;
    const manifest: unknown = JSON.parse(readFileSync(MANIFEST, "utf8"));
    const offers = (platform: Platform) => offersOf(at(manifest, ["channelConfigs", platform, "schema"]));
    this.#offers = { mochat: offers("mochat"), dmwork: offers("dmwork") };
  }

  /** Of all bots; none before there is a configuration. */
  all(): Setting[] {
    const config = this.#read();
    if (config === undefined) return [];
    return this.#rooms.bots.flatMap((bot) => this.#of(bot).map((offer) => valued(config, bot, offer)));
  }

  /** Changes a key of an account, or takes the account's own value away. */
  change(botId: string, key: string, value: SettingValue | null): Setting {
    const bot = this.#rooms.bot(botId);
    if (bot === undefined)
      throw new Refusal(404, `bot: there is no ${botId}; there are ${this.#rooms.bots.map(({ id }) => id).join(", ")}`);
    const offer = this.#of(bot).find((one) => one.key === key);
    if (offer === undefined) throw new Refusal(400, `key: ${bot.id} has no setting ${key} that can be switched here`);
    if (value !== null) check(offer, value);
    const file = this.#file();
    const config = this.#read();
    if (file === undefined || config === undefined)
      throw new Refusal(503, "the gateway is not installed yet; wait a moment");
    const changed = put(config, [...accountPath(bot), ...key.split(".")], value);
    // Whole or not at all: the gateway may read at any moment.
    writeFileSync(`${file}.new`, JSON.stringify(changed, null, 2));
    renameSync(`${file}.new`, file);
    return valued(changed, bot, offer);
  }

  /** What holds for a bot, or for a bot in a room. */
  value(bot: string, key: string): SettingValue | null {
    return this.all().find((setting) => setting.bot === bot && setting.key === key)?.value ?? null;
  }

  /** The settings that decide a message, of those that the reference of reasons names and of those that make it wait. */
  readonly deciding = (botId: string, roomId: string, path: MessagePath, configKey: string | null): string[] => {
    const [bot, room] = [this.#rooms.bot(botId), this.#rooms.get(roomId)];
    if (bot === undefined || room === undefined) return [];
    const waits = path.waitUntil === null ? [] : ["replyDelayMode", "replyDelayMs"];
    const named = configKey?.split(", ") ?? [];
    const keys = [...named, ...waits].flatMap((key) => [key.replace("<id>", room.channel), ...general(key)]);
    const known = new Set(this.#of(bot).map((offer) => offer.key));
    return [...new Set(keys)].filter((key) => known.has(key));
  };

  #of(bot: BotIdentity): (Offer & { room: string | null })[] {
    const { account, room } = this.#offers[bot.platform];
    const own = account.map((offer) => ({ ...offer, room: null }));
    const ruled = this.#rooms.spots.filter((spot) => spot.bots.includes(bot.id) && isRuled(spot));
    return [
      ...own,
      ...ruled.flatMap((spot) =>
        room.map((offer) => ({ ...offer, key: `groups.${spot.channel}.${offer.key}`, room: spot.id })),
      ),
    ];
  }

  #read(): Json | undefined {
    const file = this.#file();
    if (file === undefined) return undefined;
    try {
      const config: unknown = JSON.parse(readFileSync(file, "utf8"));
      return isRecord(config) ? config : undefined;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }
}

/** Rules of its own are for places of many. */
function isRuled({ kind }: Spot): boolean {
  return kind !== "direct";
}

/** Where a rule for one place is missing, the account's key of the same meaning decides. */
function general(key: string): string[] {
  const own = key.replace(/^groups\.<id>\./, "");
  if (own === key) return [];
  return own === "requireMention" ? ["requireMention", "mention.requireInGroups"] : [own];
}

function accountPath({ platform, id }: BotIdentity): string[] {
  return ["channels", platform, "accounts", id];
}

function valued(config: Json, bot: BotIdentity, { key, ...offer }: Offer & { room: string | null }): Setting {
  const path = key.split(".");
  const own = at(config, [...accountPath(bot), ...path]);
  // An account with groups of its own has only these.
  const [first = ""] = path;
  const isShadowed = first === "groups" && at(config, [...accountPath(bot), first]) !== undefined;
  const shared = isShadowed ? undefined : at(config, ["channels", bot.platform, ...path]);
  const found = own ?? shared;
  const from = own !== undefined ? "account" : shared !== undefined ? "channel" : "default";
  return { bot: bot.id, key, ...offer, value: isValue(found) ? found : null, from };
}

function offersOf(schema: unknown): { account: Offer[]; room: Offer[] } {
  const account = at(schema, ["properties", "accounts", "additionalProperties", "properties"]);
  const room = at(account, ["groups", "additionalProperties", "properties"]);
  const mention = at(account, ["mention", "properties"]);
  const inMention = offersIn(mention).map((offer) => ({ ...offer, key: `mention.${offer.key}` }));
  return { account: [...offersIn(account), ...inMention], room: offersIn(room) };
}

function offersIn(properties: unknown): Offer[] {
  if (!isRecord(properties)) return [];
  return Object.entries(properties).flatMap(([key, property]) => (isRecord(property) ? offerOf(key, property) : []));
}

function offerOf(key: string, { type, enum: choices, minimum, maximum, items, description }: Json): Offer[] {
  const offer = {
    key,
    choices: [],
    least: null,
    most: null,
    about: typeof description === "string" ? description : "",
  };
  if (Array.isArray(choices)) return [{ ...offer, kind: "choice", choices: choices.map(String) }];
  if (type === "boolean") return [{ ...offer, kind: "switch" }];
  if (type === "array" && isRecord(items)) return [{ ...offer, kind: "list" }];
  if (type !== "integer" && type !== "number") return [];
  return [{ ...offer, kind: "number", least: number(minimum), most: number(maximum) }];
}

function check({ key, kind, choices, least, most }: Offer, value: SettingValue): void {
  const wrong = (wanted: string) => new Refusal(400, `value: ${key} must be ${wanted}`);
  if (kind === "switch" && typeof value !== "boolean") throw wrong("true or false");
  if (kind === "choice" && !choices.includes(String(value))) throw wrong(`one of ${choices.join(", ")}`);
  if (kind === "list" && !Array.isArray(value)) throw wrong("a list of texts");
  if (kind !== "number") return;
  const isWithin =
    Number.isInteger(value) && Number(value) >= (least ?? -Infinity) && Number(value) <= (most ?? Infinity);
  if (!isWithin) throw wrong(`a whole number from ${least ?? 0}${most === null ? "" : ` to ${most}`}`);
}

function isValue(value: unknown): value is SettingValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return ["boolean", "number", "string"].includes(typeof value);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isRecord(found) ? found[key] : undefined), value);
}

/** A copy with this value there; `null` takes it away. */
function put(object: Json, [key = "", ...rest]: readonly string[], value: SettingValue | null): Json {
  const inside = object[key];
  if (rest.length > 0) return { ...object, [key]: put(isRecord(inside) ? inside : {}, rest, value) };
  const { [key]: _gone, ...others } = object;
  return value === null ? others : { ...others, [key]: value };
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
