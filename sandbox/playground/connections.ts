/** Which bots are connected to their platforms, as the platforms see it. */

import type { Sandbox } from "../index.ts";
import type { Bot } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";

/** Some ends leave no entry behind, such as those of a server that is cut off. */
const LOOK_MS = 500;

export class Connections implements Disposable {
  readonly listeners = new Set<(bots: readonly Bot[]) => void>();
  readonly #sandbox: Sandbox;
  readonly #rooms: Rooms;
  readonly #since = new Map<string, number>();
  /** Since when it was connected for the first time. */
  readonly #first = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;

  constructor(sandbox: Sandbox, rooms: Rooms) {
    this.#sandbox = sandbox;
    this.#rooms = rooms;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#unwatch = sandbox.ledger.watch(({ kind, name, who }) => {
      if (kind !== "connect" && kind !== "disconnect") return;
      // A login beside a connection that is dead without knowing it begins anew.
      const bot = this.#rooms.bots.find(({ userId }) => userId === who);
      if (name === "connect" && bot !== undefined) this.#since.delete(bot.id);
      // The server books the connection after it has written the entry.
      setImmediate(() => this.#look());
    });
  }

  get bots(): Bot[] {
    return this.#rooms.bots.map((bot) => ({
      ...bot,
      isConnected: this.#since.has(bot.id),
      firstConnectedAt: this.#first.get(bot.id) ?? null,
    }));
  }

  /** Since when it is connected. */
  since(bot: string): number | undefined {
    return this.#since.get(bot);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#unwatch();
  }

  #look(): void {
    const { dmwork, mochat } = this.#sandbox;
    const before = [...this.#since.keys()].join();
    for (const { id, platform, userId } of this.#rooms.bots) {
      const isUp = platform === "mochat" ? mochat.realtime.isOnline(userId) : dmwork.hub.live(userId).length > 0;
      if (!isUp) this.#since.delete(id);
      if (!isUp || this.#since.has(id)) continue;
      this.#since.set(id, Date.now());
      this.#first.set(id, this.#first.get(id) ?? Date.now());
    }
    if ([...this.#since.keys()].join() === before) return;
    for (const listener of this.listeners) listener(this.bots);
  }
}
