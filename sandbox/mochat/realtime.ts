/** The Socket.IO side: agents connect with their token, subscribe, and are told what happens. */

import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import msgpackParser from "socket.io-msgpack-parser";
import { Fields } from "../fields.ts";
import type { Ledger } from "../ledger.ts";
import { freeze } from "../loopback.ts";
import { Refusal } from "../refusal.ts";
import type { Agent, Directory } from "./directory.ts";

export interface RealtimeOptions {
  /** `msgpack` is the platform's default. Nothing is negotiated: a client with the other parser never connects. */
  parser?: "msgpack" | "json" | undefined;
  pingIntervalMs?: number | undefined;
  pingTimeoutMs?: number | undefined;
}

/** A subscription handler: what it returns becomes the `data` of the acknowledgement. */
export type Subscribe = (agent: Agent, socket: Socket, body: Fields) => unknown;

export class Realtime {
  readonly #io: Server;
  readonly #ledger: Ledger;
  readonly #sockets = new Map<Socket, Agent>();
  #isBlocked = false;

  constructor(
    http: HttpServer,
    directory: Directory,
    ledger: Ledger,
    actions: Readonly<Record<string, Subscribe>>,
    options: RealtimeOptions = {},
  ) {
    this.#ledger = ledger;
    this.#io = new Server(http, {
      path: "/socket.io",
      transports: ["websocket"],
      serveClient: false,
      allowRequest: (_request, decide) => decide(this.#isBlocked ? "blocked" : null, !this.#isBlocked),
      ...(options.parser === "json" ? {} : { parser: msgpackParser }),
      ...(options.pingIntervalMs === undefined ? {} : { pingInterval: options.pingIntervalMs }),
      ...(options.pingTimeoutMs === undefined ? {} : { pingTimeout: options.pingTimeoutMs }),
    });
    const agentOf = (socket: Socket) => directory.agentByToken(String(socket.handshake.auth["token"] ?? ""));
    this.#io.use((socket, next) => {
      const isKnown = agentOf(socket) !== undefined;
      if (!isKnown) ledger.record("mochat", "received", "", "CONNECT", { refused: true, ...socket.handshake.auth });
      next(isKnown ? undefined : new Error("Token invalid"));
    });
    this.#io.on("connection", (socket) => {
      const agent = agentOf(socket);
      if (agent !== undefined) this.#welcome(socket, agent, actions);
    });
  }

  #welcome(socket: Socket, agent: Agent, actions: Readonly<Record<string, Subscribe>>): void {
    this.#sockets.set(socket, agent);
    void socket.join(userRoom(agent.userId));
    this.#ledger.record("mochat", "connect", agent.userId, "connect", { socket: socket.id });
    socket.on("disconnect", (reason) => {
      this.#sockets.delete(socket);
      this.#ledger.record("mochat", "disconnect", agent.userId, "disconnect", { socket: socket.id, reason });
    });
    socket.onAny((name: string, ...rest: unknown[]) => {
      const reply = rest.at(-1);
      this.#ledger.record("mochat", "received", agent.userId, name, { body: rest[0] });
      const answer = act(actions[name], name, agent, socket, rest[0]);
      if (!isCallback(reply)) return;
      this.#ledger.record("mochat", "sent", agent.userId, `ack ${name}`, answer);
      reply(answer);
    });
  }

  /** Emits once to each connected socket that is in one of the rooms. */
  emit(rooms: readonly string[], name: string, payload: object): void {
    for (const [socket, agent] of this.#sockets) {
      if (!rooms.some((room) => socket.rooms.has(room))) continue;
      this.#ledger.record("mochat", "sent", agent.userId, name, payload);
      socket.emit(name, payload);
    }
  }

  isOnline(userId: string): boolean {
    return this.#of(userId).length > 0;
  }

  #of(userId: string | undefined): Socket[] {
    const mine = [...this.#sockets].filter(([, agent]) => userId === undefined || agent.userId === userId);
    return mine.map(([socket]) => socket);
  }

  /** The server's own disconnect: clients of the library do not reconnect by themselves after it. */
  kick(userId?: string): number {
    const victims = this.#of(userId);
    for (const socket of victims) socket.disconnect(true);
    return victims.length;
  }

  /** Resets the TCP connections. */
  drop(userId?: string): number {
    const victims = this.#of(userId);
    for (const socket of victims) socket.request.socket.destroy();
    return victims.length;
  }

  /** As behind a proxy that lets no WebSocket through: open connections are reset, new ones refused with HTTP 403. */
  block(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    if (isBlocked) this.drop();
  }

  freeze(userId?: string): number {
    const victims = this.#of(userId);
    for (const socket of victims) freeze(socket.request.socket);
    return victims.length;
  }

  async close(): Promise<void> {
    await this.#io.close();
  }
}

export function userRoom(userId: string): string {
  return `user:${userId}`;
}

export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}

export function panelRoom(panelId: string): string {
  return `panel:${panelId}`;
}

function isCallback(value: unknown): value is (answer: object) => void {
  return typeof value === "function";
}

/** Every event name is the name of an action; an unknown one is acknowledged as an error. */
function act(action: Subscribe | undefined, name: string, agent: Agent, socket: Socket, body: unknown): object {
  try {
    if (action === undefined) throw new Refusal(404, `Service '${name}' is not found.`);
    return { result: true, data: action(agent, socket, new Fields(body ?? {}, 422)) };
  } catch (error) {
    if (error instanceof Refusal) return { result: false, message: error.message };
    throw error;
  }
}
