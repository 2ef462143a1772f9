/** One client's WebSocket: what leaves it can be coalesced, split, cut off or held back, as bad networks do. */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** How packets become WebSocket messages. The released servers write one packet per message. */
export type Framing =
  | { kind: "packet" }
  /** Holds packets back until `count` of them travel in one message. */
  | { kind: "coalesce"; count: number }
  /** Cuts every packet into messages of `bytes` bytes. */
  | { kind: "split"; bytes: number };

/** Notes what the server itself would not notice. */
export interface Listener {
  /** The client's end of the TCP connection is gone; called more than once. */
  gone(this: void): void;
  /** Bytes came over a connection that is half-open. */
  unheard(this: void, bytes: Buffer): void;
}

export class Link {
  readonly #websocket: WebSocket;
  readonly #socket: Socket;
  readonly #listener: Listener;
  #framing: Framing = { kind: "packet" };
  #held: Buffer[] = [];
  #severs: "no" | "next packet" | "done" = "no";

  constructor(websocket: WebSocket, socket: Socket, listener: Listener) {
    this.#websocket = websocket;
    this.#socket = socket;
    this.#listener = listener;
    for (const event of ["end", "close"]) socket.once(event, listener.gone);
  }

  set framing(framing: Framing) {
    this.#flush();
    this.#framing = framing;
  }

  write(packet: Buffer): void {
    if (this.#severs !== "no") return this.#sever(packet);
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

  /** A TCP reset, as a proxy or a dying kernel sends it. What was written and not read yet is lost. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** The closing handshake of WebSocket, as a proxy that restarts does it. */
  close(): void {
    this.#websocket.close(1000);
  }

  /** The connection ends within the next packet: its first half arrives, the rest never does. */
  sever(): void {
    this.#severs = "next packet";
  }

  #sever(packet: Buffer): void {
    if (this.#severs === "done" || this.#websocket.readyState !== this.#websocket.OPEN) return;
    this.#severs = "done";
    this.#websocket.send(packet.subarray(0, packet.length >> 1), () => this.terminate());
  }

  /**
   * Half-open: the connection stays established, and nothing passes any more in either direction. This is what is left after
   * a NAT forgot its mapping. Only the listener hears what the client does with it.
   */
  freeze(): void {
    this.#socket.removeAllListeners("data").removeAllListeners("end");
    this.#socket.on("data", this.#listener.unheard).once("end", this.#listener.gone);
    this.#socket.cork();
  }
}
