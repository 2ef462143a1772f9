/** A client that takes part in the comparison. */

import type { Keys } from "../../tests/js/wukong-peer.ts";

export interface Contestant {
  readonly name: string;
  /** Whether it checks message keys. */
  readonly verifies: boolean;
  /** The version of the protocol that it speaks. */
  readonly version: number;
  /** Takes one WebSocket message, which holds one RECV. This is what is measured. */
  take(frame: Buffer): void;
  /** Does what is owed after many messages and not measured. */
  settle(): void;
  /** The text that it read last, and the message that it acknowledged last if it has done so. */
  outcome(): { text: string; acknowledged: bigint | undefined };
}

/** A key agreement: a key pair, the shared secret, and the AES key made of it. */
export interface Handshake {
  readonly name: string;
  /** Performs so many. */
  run(times: number, keys: Keys): void;
}
