/** The DMWork server: the bot HTTP API and the WuKongIM endpoint on one loopback port. */

import { BOT_DEVICE, botRoutes } from "./dmwork/bot-api.ts";
import { dmworkDialect } from "./dmwork/dialect.ts";
import type { Bot, Directory, User } from "./dmwork/directory.ts";
import { fileRoutes, type Ear } from "./dmwork/file-api.ts";
import { groupAdminRoutes } from "./dmwork/group-admin-api.ts";
import { groupRoutes } from "./dmwork/group-api.ts";
import { PostOffice } from "./dmwork/post-office.ts";
import { draftOf, type DmworkSay } from "./dmwork/say.ts";
import { userDialect, userRoutes } from "./dmwork/user-api.ts";
import { voiceRoutes } from "./dmwork/voice-api.ts";
import { HttpApi } from "./http-api.ts";
import type { HttpFaults } from "./http-faults.ts";
import type { Ledger } from "./ledger.ts";
import { Loopback } from "./loopback.ts";
import type { StorageServer } from "./storage.ts";
import type { Hub, HubOptions } from "./wukong/hub.ts";
import type { StoredMessage } from "./wukong/message.ts";

export type DmworkOptions = HubOptions;

/** The realtime endpoint that `register` names, if it is not the one that listens. */
type Advertised = { wsUrl?: string | undefined };

/** People connect as web or app clients next to each other. */
const USER_DEVICES = [0, 1, 2];

export class DmworkServer {
  readonly office: PostOffice;
  readonly #ledger: Ledger;
  readonly #loopback: Loopback;
  readonly #faults: HttpFaults;
  readonly #advertised: Advertised;
  /** Set to have voices written down. */
  readonly ear: Ear;

  private constructor(
    ledger: Ledger,
    office: PostOffice,
    loopback: Loopback,
    faults: HttpFaults,
    advertised: Advertised,
    ear: Ear,
  ) {
    this.#ledger = ledger;
    this.office = office;
    this.#loopback = loopback;
    this.#faults = faults;
    this.#advertised = advertised;
    this.ear = ear;
  }

  static async open(ledger: Ledger, storage: StorageServer, options: DmworkOptions = {}): Promise<DmworkServer> {
    const office = new PostOffice(ledger, options);
    const advertised: Advertised = {};
    const ear: Ear = {};
    const addresses = () => ({ apiUrl: loopback.url, wsUrl: advertised.wsUrl ?? `ws://${loopback.host}/ws` });
    const routes = {
      ...botRoutes(office, addresses),
      ...groupRoutes(office),
      ...groupAdminRoutes(office),
      ...fileRoutes(storage, ear),
      ...voiceRoutes(),
    };
    const api = new HttpApi<Bot>(dmworkDialect(office.directory), ledger, routes);
    const { directory, hub } = office;
    const people = new HttpApi<User>(userDialect(directory), ledger, userRoutes(directory, hub));
    const loopback = await Loopback.open((request, response) => {
      const isPersons = request.url?.startsWith("/v1/user/") ?? false;
      void (isPersons ? people : api).serve(request, response);
    });
    loopback.http.on("upgrade", office.hub.upgrade);
    return new DmworkServer(ledger, office, loopback, api.faults, advertised, ear);
  }

  get url(): string {
    return this.#loopback.url;
  }

  get wsUrl(): string {
    return `ws://${this.#loopback.host}/ws`;
  }

  get directory(): Directory {
    return this.office.directory;
  }

  /** Connections and their faults. */
  get hub(): Hub {
    return this.office.hub;
  }

  /** What the next HTTP calls meet. */
  get faults(): HttpFaults {
    return this.#faults;
  }

  /** As BotFather does: the token is valid for HTTP and for the realtime connection from now on. */
  addBot(uid: string, ownerUid: string, name?: string): Bot {
    const bot = this.directory.addBot(uid, ownerUid, name);
    this.hub.setToken(uid, BOT_DEVICE, bot.token, "master");
    return bot;
  }

  /** The old token stops working everywhere, and the connection made with it is thrown out. */
  revoke(uid: string, token: string): void {
    const bot = this.directory.bots.get(uid);
    if (bot === undefined) throw new Error(`no bot ${uid}`);
    bot.token = token;
    this.hub.setToken(uid, BOT_DEVICE, token, "master");
  }

  addUser(uid: string, name?: string): User {
    const user = this.directory.addUser(uid, name);
    for (const device of USER_DEVICES) this.hub.setToken(uid, device, user.token, "slave");
    return user;
  }

  /** A user, or a bot, writes: it reaches every connected receiver, the sender's own connections included. */
  say(what: DmworkSay): StoredMessage {
    return this.office.post(draftOf(this.office, what));
  }

  /** From now on `register` says that the realtime endpoint is there; without an address, where it is. */
  advertise(wsUrl?: string): void {
    this.#ledger.record("dmwork", "fault", "", "advertise", { wsUrl });
    this.#advertised.wsUrl = wsUrl;
  }

  async cut(): Promise<void> {
    this.#ledger.record("dmwork", "fault", "", "cut");
    await this.#loopback.cut();
  }

  async restore(): Promise<void> {
    await this.#loopback.restore();
    this.#ledger.record("dmwork", "fault", "", "restore");
  }

  async close(): Promise<void> {
    this.hub.close();
    await this.#loopback.close();
  }
}
