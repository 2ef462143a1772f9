/** One HTTP server on 127.0.0.1 with a port of the system's choice, whose network can be cut and healed. */

import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { once } from "node:events";

const HOST = "127.0.0.1";

export class Loopback {
  readonly http: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(onRequest: RequestListener) {
    this.http = createServer(onRequest);
    this.http.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      // Peers vanish in tests on purpose; the close that follows is what counts.
      socket.on("error", () => socket.destroy());
    });
  }

  static async open(onRequest: RequestListener): Promise<Loopback> {
    const loopback = new Loopback(onRequest);
    await loopback.#listen();
    return loopback;
  }

  async #listen(): Promise<void> {
    this.http.listen(this.#port, HOST);
    await once(this.http, "listening");
    const address = this.http.address();
    if (address === null || typeof address === "string") throw new Error("a listening server has a port");
    this.#port = address.port;
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  get host(): string {
    return `${HOST}:${this.#port}`;
  }

  /** Refuses new connections and resets the open ones, as a dead network or a restarting server does. */
  async cut(): Promise<void> {
    if (!this.http.listening) return;
    const closed = once(this.http, "close");
    this.http.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens on the same port again. */
  async restore(): Promise<void> {
    if (!this.http.listening) await this.#listen();
  }

  async close(): Promise<void> {
    await this.cut();
  }
}

/**
 * Makes a TCP connection half-open: it stays established, nothing is read from it and nothing reaches it any more. This is
 * what a client sees after a NAT forgot its mapping.
 */
export function freeze(socket: Socket): void {
  socket.pause();
  socket.cork();
}

/** The largest request that is read; real servers stop at about this size for JSON. */
const MAX_BODY = 8 << 20;

/** The same for files. */
export const MAX_FILE_BODY = 101 << 20;

export async function readBody(request: IncomingMessage, most = MAX_BODY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new RangeError(`request body over ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
