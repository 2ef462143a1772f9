/**
 * A network that can be disturbed: a TCP proxy on 127.0.0.1 in front of one server. It reads no protocol, so it does what
 * networks do: it ends connections, forgets them, slows them down and cuts their bytes anywhere.
 */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Pipe, type Direction, type Disturbance } from "./fault-pipe.ts";

export type { Direction, Disturbance } from "./fault-pipe.ts";

/**
 * What ends connections. `cut` sends a FIN both ways behind what is on its way, `reset` an RST at once. `forget` makes them
 * half-open: what is sent in these directions gets lost, both ends keep their sockets, and not even a FIN comes through.
 */
export type Ending =
  | { readonly kind: "cut" }
  | { readonly kind: "reset" }
  | { readonly kind: "forget"; readonly directions: readonly Direction[] };

export type Fault = Ending | Disturbance;

/** One thing that the proxy did, in order. `connections` are the numbers of those that it met. */
export interface Deed {
  readonly n: number;
  readonly name: string;
  readonly connections: readonly number[];
}

const HOST = "127.0.0.1";

export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  readonly #open = new Map<number, Passage>();
  readonly #deeds: Deed[] = [];
  readonly #watchers = new Set<() => void>();
  #accepted = 0;

  private constructor(target: URL) {
    this.#target = target;
    // A FIN of one side is passed on as such: the other one may still have something to say.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** In front of the server at this URL, of which host and port count. */
  static async open(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    proxy.#server.listen(0, HOST);
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The URL of the server, by way of this proxy. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("a listening proxy has a port");
    const { protocol, pathname } = this.#target;
    return `${protocol}//${HOST}:${address.port}${pathname === "/" ? "" : pathname}`;
  }

  /** What was done, oldest first. */
  get deeds(): readonly Deed[] {
    return this.#deeds;
  }

  /** How many connections were made so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many are there that the client has not left and that were not forgotten. */
  get alive(): number {
    return [...this.#open.values()].filter((passage) => passage.isWhole).length;
  }

  /** How many bytes were lost on their way, over all connections. */
  lost = 0;

  /** Does something to all open connections. Those that come later are not concerned. */
  apply(fault: Fault): Deed {
    const passages = [...this.#open.values()];
    for (const passage of passages) passage.apply(fault);
    return this.#record(
      nameOf(fault),
      passages.map(({ number }) => number),
    );
  }

  /** Resolves once the condition holds; it is asked whenever a connection comes, goes or loses bytes, never by a clock. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const passage of this.#open.values()) passage.apply({ kind: "reset" });
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const number = this.#accepted;
    const server = connect({ port: Number(this.#target.port), host: this.#target.hostname, allowHalfOpen: true });
    const passage = new Passage(number, client, server, {
      lost: (bytes) => {
        this.lost += bytes;
        this.#changed();
      },
      left: () => this.#changed(),
      gone: () => {
        this.#open.delete(number);
        this.#record("gone", [number]);
      },
    });
    this.#open.set(number, passage);
    this.#record("accept", [number]);
  }

  #record(name: string, connections: number[]): Deed {
    const deed = { n: this.#deeds.length + 1, name, connections };
    this.#deeds.push(deed);
    this.#changed();
    return deed;
  }

  #changed(): void {
    for (const check of this.#watchers) check();
  }
}

type Hooks = {
  /** Bytes were sent into nowhere. */
  lost: (bytes: number) => void;
  /** The client has closed its socket. */
  left: () => void;
  /** Both sockets are closed. */
  gone: () => void;
};

/** One connection: the client's socket, the server's, and the two ways between them. */
class Passage {
  readonly number: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #ways: Record<Direction, Pipe>;
  #isForgotten = false;

  constructor(number: number, client: Socket, server: Socket, hooks: Hooks) {
    this.number = number;
    this.#client = client;
    this.#server = server;
    this.#ways = { up: new Pipe(client, server, hooks.lost), down: new Pipe(server, client, hooks.lost) };
    let open = 2;
    const closed = (one: Socket, other: Socket) => {
      one.once("close", () => {
        // Behind a forgotten connection the server is left alone, until it closes by itself.
        if (one === server || !this.#isForgotten) other.destroy();
        if (one === client) hooks.left();
        open -= 1;
        if (open === 0) hooks.gone();
      });
      // An RST is passed on as one.
      one.once("error", () => {
        if (!this.#isForgotten) other.resetAndDestroy();
      });
    };
    closed(client, server);
    closed(server, client);
  }

  get isWhole(): boolean {
    return !this.#isForgotten && !this.#client.destroyed;
  }

  apply(fault: Fault): void {
    switch (fault.kind) {
      case "cut":
        for (const way of Object.values(this.#ways)) way.end();
        return;
      case "reset":
        this.#client.resetAndDestroy();
        this.#server.resetAndDestroy();
        return;
      case "forget":
        this.#isForgotten = true;
        for (const direction of fault.directions) this.#ways[direction].forget();
        return;
      case "delay":
      case "split":
      case "repeat":
      case "throttle":
        this.#ways[fault.direction].disturb(fault);
        return;
    }
  }
}

function nameOf(fault: Fault): string {
  if (fault.kind === "forget") return `forget ${fault.directions.join(" and ")}`;
  return "direction" in fault ? `${fault.kind} ${fault.direction}` : fault.kind;
}
