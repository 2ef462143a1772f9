/** What an operator sees of an account, and what the gateway's health monitor judges it by. */
import type { Status } from "../core/protocol.ts";
import type { ChannelAccountSnapshot } from "./sdk.ts";

type Patch = Omit<ChannelAccountSnapshot, "accountId">;

export class StatusBoard {
  readonly #set: (patch: Patch) => void;
  #connected = false;

  constructor(set: (patch: Patch) => void) {
    this.#set = set;
  }

  publish({ lifecycle, detail }: Status): void {
    const at = Date.now();
    const connected = lifecycle === "ready";
    const faulty = lifecycle === "recovering" || lifecycle === "blocked";
    const first = connected && !this.#connected;
    this.#connected = connected;
    this.#set({
      running: lifecycle !== "stopped",
      connected,
      lifecycle,
      stateReason: detail,
      lastError: faulty ? detail : null,
      ...(first ? { lastConnectedAt: at } : {}),
      ...(connected ? { lastTransportActivityAt: at } : {}),
      // Every failed attempt is a disconnect of its own to the monitor: without a fresh one it would restart the
      // account in the middle of an outage, which only throws away the backoff.
      ...(faulty ? { lastDisconnect: { at, error: detail } } : {}),
    });
  }

  /** The monitor restarts a connected account that shows no life for half an hour. */
  alive(): void {
    if (this.#connected) this.#set({ lastTransportActivityAt: Date.now() });
  }

  moved(direction: "in" | "out"): void {
    const at = Date.now();
    this.#set(direction === "in" ? { lastInboundAt: at, lastMessageAt: at } : { lastOutboundAt: at });
  }
}
