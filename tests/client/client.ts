/** One bot account as the plugin runs it, without a gateway, next to a sandbox: what the stories are told about. */

import { leap, real } from "./clock.ts";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { openCore } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import type { DmworkOptions } from "../../sandbox/dmwork.ts";
import type { DmworkSay } from "../../sandbox/dmwork/say.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import type { LedgerEntry, LedgerFilter } from "../../sandbox/ledger.ts";
import { assertNoLeak, filesIn } from "../canary.ts";
import { BOT } from "../talk/bot.ts";
import { callsUnderWay, onCalls } from "./calls.ts";
import { OpenHost } from "./host.ts";

export { BOT };

/** Real time. A story that needs more hangs. */
const PATIENCE_MS = 60_000;

/** The core's own figures, in seconds. */
const PING_AFTER = 30;
const PONG_WITHIN = 15;
/** From an answer to what the core makes of it: a promise, a ring, an immediate, and the next call. */
const CALM_TURNS = 5;
/** Nothing else that a client sends is one byte long. */
const PING_SIZE = 1;

export type Options = {
  dmwork?: Omit<DmworkOptions, "line">;
  /** More configuration; it may need to know the sandbox. */
  config?: (sandbox: Sandbox) => Readonly<Record<string, unknown>>;
  /** Done to the sandbox before the account starts. */
  before?: (sandbox: Sandbox) => void | Promise<void>;
  host?: (opened: Promise<Drive>) => OpenHost;
};

export class Client {
  readonly sandbox: Sandbox;
  readonly host: OpenHost;
  readonly #folder: string;
  readonly #options: Options;
  readonly #checks = new Set<() => void>();
  readonly #stopListening: () => void;
  #drive: Drive;

  private constructor(sandbox: Sandbox, host: OpenHost, drive: Drive, folder: string, options: Options) {
    this.sandbox = sandbox;
    this.host = host;
    this.#drive = drive;
    this.#folder = folder;
    this.#options = options;
    const changed = () => this.#checks.forEach((check) => check());
    host.onChange = changed;
    sandbox.ledger.watch(changed);
    this.#stopListening = onCalls(changed);
  }

  /** Starts a sandbox and an account in it. */
  static async open(line: "v2" | "v3", options: Options = {}): Promise<Client> {
    const sandbox = await startSandbox({ dmwork: { ...options.dmwork, line } });
    await options.before?.(sandbox);
    const folder = mkdtempSync(join(tmpdir(), "client-"));
    const { promise, resolve } = Promise.withResolvers<Drive>();
    const host = options.host?.(promise) ?? new OpenHost(promise);
    const drive = await Client.#start(sandbox, host, folder, options);
    resolve(drive);
    return new Client(sandbox, host, drive, folder, options);
  }

  static #start(sandbox: Sandbox, host: OpenHost, folder: string, options: Options): Promise<Drive> {
    return Drive.open({
      channel: "dmwork",
      accountId: "reviewer",
      config: {
        apiUrl: sandbox.urls.dmwork,
        botToken: sandbox.world.dmwork.tokens[BOT],
        // Tests write faster than people.
        maxMessagesPerMinute: 0,
        ...options.config?.(sandbox),
      },
      store: Store.open(storeIn(folder)),
      host,
      openCore,
    });
  }

  get control() {
    return this.sandbox.control;
  }

  get ledger() {
    return this.sandbox.ledger;
  }

  get drive(): Drive {
    return this.#drive;
  }

  get storePath(): string {
    return storeIn(this.#folder);
  }

  /** Stops the account and starts it again on the same store. */
  async restart(): Promise<void> {
    this.stop();
    await this.start();
  }

  stop(): void {
    this.#drive.close();
  }

  async start(): Promise<void> {
    this.#drive = await Client.#start(this.sandbox, this.host, this.#folder, this.#options);
  }

  /** Ann writes to the bot. */
  dm(text: string, more: Partial<DmworkSay> = {}): string {
    return this.control.say({ on: "dmwork", from: "ann", dm: BOT, text, ...more }).messageId;
  }

  /** Bob writes to the group. */
  group(text: string, more: Partial<DmworkSay> = {}): string {
    const group = this.sandbox.world.dmwork.groupNo;
    return this.control.say({ on: "dmwork", from: "bob", group, text, ...more }).messageId;
  }

  /** Resolves once the condition holds. It is asked after everything that host or ledger write down, never by a clock. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        done();
        resolve();
      };
      const timer = real.setTimeout(() => {
        done();
        reject(new Error(`not seen: ${condition.toString()}\n${this.#tail()}`));
      }, PATIENCE_MS);
      const done = () => {
        real.clearTimeout(timer);
        this.#checks.delete(check);
      };
      this.#checks.add(check);
    });
  }

  /** The count-th entry like this after a mark. */
  async entry(filter: LedgerFilter, since = 0, count = 1): Promise<LedgerEntry> {
    const found = () => this.ledger.find(filter, since)[count - 1];
    await this.until(() => found() !== undefined);
    const entry = found();
    assert(entry);
    return entry;
  }

  ready(): Promise<void> {
    return this.until(() => this.host.isReady);
  }

  /** The client knows that its connection is gone, and has let go of it. */
  lost(): Promise<void> {
    return this.until(() => !this.host.isReady && this.connections() === 0);
  }

  /** The client of a half-open connection pings in vain and gives up on the answer. */
  async givenUp(): Promise<void> {
    const { last } = this.ledger;
    await this.leap(PING_AFTER);
    // Until it has read what was on its way; its ping counts from there.
    await this.entry({ kind: "http", name: "POST /v1/bot/heartbeat" }, last);
    await this.leap(PING_AFTER);
    await this.until(() => this.ledger.find(isLostPing, last).length > 0);
    await this.leap(PONG_WITHIN);
    await this.lost();
  }

  /** How many connections to the server the client holds. */
  connections(): number {
    const [opened, left] = (["connect", "disconnect"] as const).map((kind) => this.ledger.count(kind, "socket"));
    return (opened ?? 0) - (left ?? 0);
  }

  turns(count: number): Promise<void> {
    return this.until(() => this.host.turns.length >= count);
  }

  /** No call is under way, and the client has dealt with the answer to the last one. */
  async calm(): Promise<void> {
    let turns = 0;
    while (turns < CALM_TURNS) {
      if (callsUnderWay() > 0) turns = 0;
      await this.until(() => callsUnderWay() === 0);
      await turnOfTheLoop();
      turns += 1;
    }
  }

  /** Lets time pass in which nothing is lost because of it: a call that is under way would count as not answered. */
  async leap(seconds: number): Promise<void> {
    await this.calm();
    leap(seconds);
  }

  /** Lets time pass that the client waits, and waits until it is connected. */
  async back(seconds = 0): Promise<void> {
    if (seconds > 0) await this.leap(seconds);
    await this.ready();
  }

  /** A message arrives and is answered once. */
  async worksWith(text: string): Promise<void> {
    const before = this.host.turns.length;
    this.dm(text);
    await this.turns(before + 1);
    assert.equal(this.host.turns.at(-1)?.text, text);
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#drive.close();
    await this.sandbox.close();
    assertNoLeak(this.sandbox, [...this.host.findings(), ...filesIn(this.#folder)]);
    rmSync(this.#folder, { recursive: true });
  }

  #tail(): string {
    const entries = this.ledger.entries().slice(-25);
    const shown = entries.map(({ n, kind, who, name, data }) => `${n} ${kind} ${who} ${name} ${JSON.stringify(data)}`);
    return [...shown.map((line) => line.slice(0, 200)), ...this.host.lines.slice(-15)].join("\n");
  }
}

function isLostPing({ name, data }: LedgerEntry): boolean {
  return name === "unheard" && data["length"] === PING_SIZE;
}

function storeIn(folder: string): string {
  return join(folder, "account.sqlite");
}
