/** The playground: a page on loopback in which people chat with the bots of a real gateway, and watch every decision. */

import type { Sandbox } from "../index.ts";
import type { LedgerEntry } from "../ledger.ts";
import { apiOf } from "./api.ts";
import { Chat } from "./chat.ts";
import { Connections } from "./connections.ts";
import { Counters } from "./counters.ts";
import { Events, shown } from "./events.ts";
import type { GatewayRunner } from "./gateway.ts";
import { Prompts } from "./prompts.ts";
import type { Model } from "./model.ts";
import type { ModelInfo, State } from "./protocol.ts";
import { Rooms } from "./rooms.ts";
import { people } from "./world.ts";
import { PlaygroundServer } from "./server.ts";
import { Settings } from "./settings.ts";
import { Speaker } from "./speak.ts";
import { Thousand } from "./thousand.ts";
import { Traces } from "./traces.ts";
import { Troubles } from "./trouble.ts";

/** What a page that comes later sees of the past. */
const PAST_MESSAGES = 300;
const PAST_WIRE = 200;

export interface PlaygroundOptions {
  readonly sandbox: Sandbox;
  readonly gateway: GatewayRunner;
  readonly model: Pick<Model, "info" | "listeners">;
}

export class Playground implements AsyncDisposable {
  readonly rooms: Rooms;
  readonly chat: Chat;
  readonly traces: Traces;
  readonly settings: Settings;
  readonly speaker: Speaker;
  readonly prompts = new Prompts();
  readonly counters: Counters;
  readonly thousand: Thousand;
  readonly troubles: Troubles;
  readonly connections: Connections;
  readonly gateway: GatewayRunner;
  readonly events: Events;
  readonly #model: ModelInfo;
  #wire: LedgerEntry[] = [];
  #server: PlaygroundServer | undefined;

  private constructor({ sandbox, gateway, model }: PlaygroundOptions) {
    this.#model = model.info;
    model.listeners.add((request) => this.prompts.note(request));
    this.gateway = gateway;
    this.rooms = new Rooms(sandbox);
    this.chat = new Chat(sandbox, this.rooms);
    this.settings = new Settings(this.rooms, () => gateway.claw?.configFile);
    this.traces = new Traces(this.rooms, this.chat, () => gateway.claw?.stateDir, this.settings.deciding);
    this.connections = new Connections(sandbox, this.rooms);
    const upSince = (bot: string) => {
      const { state, since } = gateway.state;
      const connected = this.connections.since(bot);
      return state === "ready" && connected !== undefined ? Math.max(since, connected) : undefined;
    };
    this.counters = new Counters(this.rooms, this.chat, this.traces, upSince, model.info.isScripted);
    this.speaker = new Speaker(sandbox, this.rooms, this.chat);
    this.thousand = new Thousand(this.rooms, (words) => void this.speaker.say(words), this.counters);
    this.troubles = new Troubles(sandbox, gateway, this.thousand);
    this.events = new Events(() => this.state);
    this.#tell(sandbox);
  }

  static async open(options: PlaygroundOptions): Promise<Playground> {
    const playground = new Playground(options);
    playground.#server = await PlaygroundServer.open(apiOf(playground));
    return playground;
  }

  /** Of the page. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  get state(): State {
    const messages = this.chat.latest(PAST_MESSAGES);
    const ids = new Set(messages.map(({ id }) => id));
    return {
      people,
      bots: this.connections.bots,
      rooms: this.rooms.shown,
      settings: this.settings.all(),
      gateway: this.gateway.state,
      counters: this.counters.counts,
      thousand: this.thousand.state,
      model: this.#model,
      cut: this.troubles.cut,
      messages,
      traces: this.traces.all().filter(({ path }) => ids.has(path.id)),
      wire: this.#wire.map(shown),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of [this.thousand, this.counters, this.traces, this.connections, this.events])
      part[Symbol.dispose]();
    await this.#server?.[Symbol.asyncDispose]();
  }

  #tell(sandbox: Sandbox): void {
    const { events } = this;
    this.chat.listeners.add((message) => events.send({ type: "message", message }));
    this.chat.typing.add((typing) => events.send({ type: "typing", ...typing }));
    this.traces.listeners.add((trace) => events.send({ type: "trace", trace }));
    this.counters.listeners.add((counters) => events.send({ type: "counters", counters }));
    this.thousand.listeners.add((thousand) => events.send({ type: "thousand", thousand }));
    this.troubles.listeners.add((cut) => events.send({ type: "cut", cut }));
    this.connections.listeners.add((bots) => events.send({ type: "bots", bots }));
    this.gateway.listeners.add((gateway) => {
      events.send({ type: "gateway", gateway });
      // The configuration is there from its first start on.
      if (gateway.state === "starting") events.send({ type: "settings", settings: this.settings.all() });
    });
    sandbox.ledger.watch((entry) => {
      this.#wire = [...this.#wire, entry].slice(-PAST_WIRE);
      events.send({ type: "wire", entry: shown(entry) });
    });
  }
}
