/** One client's WebSocket: what leaves it can be coalesced, split or held back, as bad networks do. */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { freeze } from "../loopback.ts";

/** How packets become WebSocket messages. The released servers write one packet per message. */
export type Framing =
  | { kind: "packet" }
  /** Holds packets back until `count` of them travel in one message. */
  | { kind: "coalesce"; count: number }
  /** Cuts every packet into messages of `bytes` bytes. */
  | { kind: "split"; bytes: number };

export class Link {
  readonly #websocket: WebSocket;
  readonly #socket: Socket;
  #framing: Framing = { kind: "packet" };
  #held: Buffer[] = [];

  constructor(websocket: WebSocket, socket: Socket) {
    this.#websocket = websocket;
    this.#socket = socket;
  }

  set framing(framing: Framing) {
    this.#flush();
    this.#framing = framing;
  }

  write(packet: Buffer): void {
    const framing = this.#framing;
    switch (framing.kind) {
      case "packet":
        this.#send(packet);
        return;
      case "split":
        for (let at = 0; at < packet.length; at += framing.bytes) this.#send(packet.subarray(at, at + framing.bytes));
        return;
      case "coalesce":
        this.#held.push(packet);
        if (this.#held.length >= framing.count) this.#flush();
    }
  }

  #flush(): void {
    if (this.#held.length > 0) this.#send(Buffer.concat(this.#held));
    this.#held = [];
  }

  #send(bytes: Buffer): void {
    if (this.#websocket.readyState === this.#websocket.OPEN) this.#websocket.send(bytes);
  }

  /** The servers close the TCP connection without a closing handshake, so clients see code 1006. */
  terminate(): void {
    this.#websocket.terminate();
  }

  freeze(): void {
    freeze(this.#socket);
  }
}
