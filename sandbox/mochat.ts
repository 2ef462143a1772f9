/** The Mochat server: its POST RPC and its Socket.IO endpoint on one loopback port. */

import { agentRoutes, openRoutes } from "./mochat/agent-api.ts";
import type { Message } from "./mochat/conversation.ts";
import { mochatDialect } from "./mochat/dialect.ts";
import { Directory, type Agent } from "./mochat/directory.ts";
import { Exchange, type Place } from "./mochat/exchange.ts";
import { Files } from "./mochat/files.ts";
import { groupRoutes } from "./mochat/group-api.ts";
import { Realtime, type RealtimeOptions } from "./mochat/realtime.ts";
import { placeOf, say, SYSTEM_USER_ID, type MochatSay } from "./mochat/say.ts";
import { sessionRoutes } from "./mochat/session-api.ts";
import { HttpApi } from "./http-api.ts";
import type { HttpFaults } from "./http-faults.ts";
import type { Ledger } from "./ledger.ts";
import { Loopback } from "./loopback.ts";

export interface MochatOptions extends RealtimeOptions {
  /** 120 on the platform; no limit when undefined. */
  requestsPerMinute?: number | undefined;
}

type Http = { faults: HttpFaults; files: Files };

type PlaceName = Pick<MochatSay, "session" | "panel">;

export class MochatServer {
  readonly exchange: Exchange;
  readonly realtime: Realtime;
  readonly files: Files;
  /** What the next HTTP calls meet. */
  readonly faults: HttpFaults;
  readonly #ledger: Ledger;
  readonly #loopback: Loopback;

  private constructor(ledger: Ledger, exchange: Exchange, realtime: Realtime, loopback: Loopback, http: Http) {
    this.#ledger = ledger;
    this.exchange = exchange;
    this.realtime = realtime;
    this.#loopback = loopback;
    this.faults = http.faults;
    this.files = http.files;
  }

  static async open(ledger: Ledger, options: MochatOptions = {}): Promise<MochatServer> {
    const directory = new Directory();
    directory.people.set(SYSTEM_USER_ID, { userId: SYSTEM_USER_ID, nickname: "System", email: null, type: "user" });
    const exchange = new Exchange(directory);
    const routes = { ...agentRoutes(exchange), ...sessionRoutes(exchange), ...groupRoutes(exchange) };
    const dialect = mochatDialect(directory, options.requestsPerMinute);
    const api = new HttpApi<Agent>(dialect, ledger, routes, openRoutes(exchange));
    const files = new Files(ledger);
    const loopback = await Loopback.open((request, response) => {
      if (!files.serve(request, response)) void api.serve(request, response);
    });
    const realtime = new Realtime(loopback.http, directory, ledger, exchange.subscriptions, options);
    exchange.realtime = realtime;
    return new MochatServer(ledger, exchange, realtime, loopback, { faults: api.faults, files });
  }

  get url(): string {
    return this.#loopback.url;
  }

  get directory(): Directory {
    return this.exchange.directory;
  }

  say(what: MochatSay): Message {
    return say(this.exchange, what);
  }

  recall(where: PlaceName, messageId: string): void {
    this.exchange.recall(this.#place(where), messageId);
  }

  remove(where: PlaceName, messageId: string): void {
    this.exchange.remove(this.#place(where), messageId);
  }

  /** An event that is no message: participants changed, closed, or one that no client knows. */
  emitEvent(where: PlaceName, type: string, payload: Readonly<Record<string, unknown>>): void {
    this.exchange.emitEvent(this.#place(where), type, payload);
  }

  forgetEvents(where: PlaceName): void {
    this.exchange.conversation(this.#place(where).id).forgetEvents();
  }

  #place(where: PlaceName): Place {
    return placeOf(this.exchange, where);
  }

  async cut(): Promise<void> {
    this.#ledger.record("mochat", "fault", "", "cut");
    await this.#loopback.cut();
  }

  async restore(): Promise<void> {
    await this.#loopback.restore();
    this.#ledger.record("mochat", "fault", "", "restore");
  }

  async close(): Promise<void> {
    this.exchange.close();
    this.realtime.kick();
    // Open sockets first: the Socket.IO server waits for its HTTP server, which waits for them.
    await this.#loopback.close();
    await this.realtime.close();
  }
}
