/** What an operator sees of an account, and what the gateway's health monitor judges it by. */
import type { Status } from "../core/protocol.ts";
import type { ChannelAccountSnapshot } from "./sdk.ts";

/** What the gateway keeps for us beside its own fields, and shows as it is. */
export type Course = {
  /** Since when the lifecycle is what it is, in milliseconds since the Unix epoch. */
  since: number;
  /** Connections after the first one: since the account's start, and on that day of this machine's calendar. */
  reconnects: { sinceStart: number; day: string; thatDay: number };
};

type Patch = Omit<ChannelAccountSnapshot, "accountId"> & Partial<Course>;

/** Outlives a core that traps, so it is where connections are counted. */
export class StatusBoard {
  readonly #set: (patch: Patch) => void;
  #lifecycle: Status["lifecycle"] | undefined;
  #connections = 0;
  #today = { day: "", reconnects: 0 };

  constructor(set: (patch: Patch) => void) {
    this.#set = set;
  }

  publish({ lifecycle, detail }: Status): void {
    const at = Date.now();
    const connected = lifecycle === "ready";
    const faulty = lifecycle === "recovering" || lifecycle === "blocked";
    const changed = lifecycle !== this.#lifecycle;
    this.#lifecycle = lifecycle;
    if (connected && changed) this.#count(at);
    this.#set({
      running: lifecycle !== "stopped",
      connected,
      lifecycle,
      stateReason: detail,
      lastError: faulty ? detail : null,
      reconnects: this.#reconnects(at),
      ...(changed ? { since: at } : {}),
      ...(connected && changed ? { lastConnectedAt: at } : {}),
      ...(connected ? { lastTransportActivityAt: at } : {}),
      // Every failed attempt is a disconnect of its own to the monitor: without a fresh one it would restart the
      // account in the middle of an outage, which only throws away the backoff.
      ...(faulty ? { lastDisconnect: { at, error: detail } } : {}),
    });
  }

  /** The monitor restarts a connected account that shows no life for half an hour. */
  alive(): void {
    if (this.#lifecycle === "ready") this.#set({ lastTransportActivityAt: Date.now() });
  }

  moved(direction: "in" | "out"): void {
    const at = Date.now();
    this.#set(direction === "in" ? { lastInboundAt: at, lastMessageAt: at } : { lastOutboundAt: at });
  }

  #count(at: number): void {
    this.#connections += 1;
    const day = dayOf(at);
    if (this.#today.day !== day) this.#today = { day, reconnects: 0 };
    if (this.#connections > 1) this.#today.reconnects += 1;
  }

  #reconnects(at: number): Course["reconnects"] {
    const day = dayOf(at);
    const thatDay = this.#today.day === day ? this.#today.reconnects : 0;
    return { sinceStart: Math.max(0, this.#connections - 1), day, thatDay };
  }
}

/** The day of this machine's calendar, `2026-11-21`. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
}
