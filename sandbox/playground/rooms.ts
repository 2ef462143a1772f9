/** Finds rooms, people and bots, by the playground's ids and by those of the platforms. */

import type { Sandbox } from "../index.ts";
import { channelTypes } from "../wukong/packet.ts";
import type { StoredMessage } from "../wukong/message.ts";
import type { Platform, Room } from "./protocol.ts";
import { admit, botsOf, people, spotsOf, type BotIdentity, type Spot } from "./world.ts";

export class Rooms {
  readonly bots: readonly BotIdentity[];
  readonly spots: readonly Spot[];
  /** By platform and the platform's id. */
  readonly #ids = new Map<string, string>();
  /** By platform and the playground's id. */
  readonly #native = new Map<string, string>();

  constructor(sandbox: Sandbox) {
    admit(sandbox);
    this.bots = botsOf(sandbox);
    this.spots = spotsOf(sandbox, this.bots);
    for (const { id } of people) {
      this.#know("dmwork", id, id);
      this.#know("mochat", id, sandbox.mochat.directory.person(id).userId);
    }
    for (const { id, platform, userId } of this.bots) this.#know(platform, id, userId);
  }

  #know(platform: Platform, id: string, native: string): void {
    this.#ids.set(`${platform} ${native}`, id);
    this.#native.set(`${platform} ${id}`, native);
  }

  /** A room without its addresses, for the page. */
  get shown(): Room[] {
    return this.spots.map(({ at: _at, channel: _channel, ...room }) => room);
  }

  get(id: string): Spot | undefined {
    return this.spots.find((spot) => spot.id === id);
  }

  bot(id: string): BotIdentity | undefined {
    return this.bots.find((bot) => bot.id === id);
  }

  /** The playground's id of a person or bot; whoever is no part of it keeps the platform's. */
  idOf(platform: Platform, native: string): string {
    return this.#ids.get(`${platform} ${native}`) ?? native;
  }

  /** The platform's id of a person or bot. */
  nativeOf(platform: Platform, id: string): string {
    return this.#native.get(`${platform} ${id}`) ?? id;
  }

  nameOf(id: string): string {
    return [...people, ...this.bots].find((somebody) => somebody.id === id)?.name ?? id;
  }

  inMochat(channel: string): Spot | undefined {
    return this.spots.find((spot) => spot.platform === "mochat" && spot.channel === channel);
  }

  inDmwork({
    channelId,
    channelType,
    fromUid,
  }: Pick<StoredMessage, "channelId" | "channelType" | "fromUid">): Spot | undefined {
    return this.spots.find(({ platform, kind, channel, people: [person = ""] }) => {
      if (platform !== "dmwork") return false;
      if (channelType !== channelTypes.person) return channel === channelId;
      const pair = [channelId, fromUid];
      return kind === "direct" && pair.includes(channel) && pair.includes(person);
    });
  }
}
