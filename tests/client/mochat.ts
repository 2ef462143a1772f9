/** One Mochat account as the plugin runs it, without a gateway, next to a sandbox. */

import { leap, real } from "./clock.ts";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openCore } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { assertNoLeak, filesIn } from "../canary.ts";
import { OpenHost } from "./host.ts";

/** Real time. A story that needs more hangs. */
const PATIENCE_MS = 60_000;
/** The server's own timers are not on the fast clock, the client's are. */
const PULSE = { pingIntervalMs: 500, pingTimeoutMs: 600_000 };
/** No wait of the client is longer, while nobody asks it to wait. */
const A_MINUTE = 60;

/** What happens before the account is opened for the first time. */
type Before = (sandbox: Sandbox, store: string) => void;

export class MochatClient {
  readonly sandbox: Sandbox;
  readonly host: OpenHost;
  readonly #folder: string;
  #drive: Drive;
  readonly #checks = new Set<() => void>();

  private constructor(sandbox: Sandbox, host: OpenHost, drive: Drive, folder: string) {
    this.sandbox = sandbox;
    this.host = host;
    this.#drive = drive;
    this.#folder = folder;
    const changed = () => this.#checks.forEach((check) => check());
    host.onChange = changed;
    sandbox.ledger.watch(changed);
  }

  static async open(before: Before): Promise<MochatClient> {
    const sandbox = await startSandbox({ mochat: { requestsPerMinute: 120, ...PULSE } });
    const folder = mkdtempSync(join(tmpdir(), "client-"));
    before(sandbox, storeIn(folder));
    const { promise, resolve } = Promise.withResolvers<Drive>();
    const host = new OpenHost(promise);
    const drive = await begin(sandbox, host, folder);
    resolve(drive);
    return new MochatClient(sandbox, host, drive, folder);
  }

  /** The gateway stops and starts: what is on disk is all that there is. */
  async restart(): Promise<void> {
    this.stop();
    await this.start();
  }

  stop(): void {
    this.#drive.close();
  }

  async start(): Promise<void> {
    this.#drive = await begin(this.sandbox, this.host, this.#folder);
  }

  get drive(): Drive {
    return this.#drive;
  }

  get storePath(): string {
    return storeIn(this.#folder);
  }

  get control() {
    return this.sandbox.control;
  }

  /** The owner writes directly. */
  dm(text: string): void {
    this.control.say({ on: "mochat", from: "ann", session: this.sandbox.world.mochat.ownerSession, text });
  }

  /** Bob writes in a panel. */
  panel(text: string): void {
    this.control.say({ on: "mochat", from: "bob", panel: this.sandbox.world.mochat.panels.build, text });
  }

  /** Resolves once the condition holds. It is asked after everything that host or ledger write down. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = real.setTimeout(() => {
      reject(
        new Error(
          `not seen: ${condition.toString()}\n${this.host.texts().join()}\n${this.host.lines.slice(-15).join("\n")}`,
        ),
      );
    }, PATIENCE_MS);
    const check = () => {
      if (condition()) resolve();
    };
    this.#checks.add(check);
    return promise.finally(() => {
      real.clearTimeout(timer);
      this.#checks.delete(check);
    });
  }

  /** The account listens in this way: it says so. */
  listens(how: RegExp): Promise<void> {
    return this.until(() => this.host.isReady && how.test(this.host.status?.detail ?? ""));
  }

  /** Everything of a place that became a turn, in order. */
  told(place: "session" | "panel"): string[] {
    return this.host.turns.filter(({ to }) => to.startsWith(`${place}:`)).map(({ text }) => text);
  }

  /** Lets a minute pass that the client waits. */
  wait(): void {
    leap(A_MINUTE);
  }

  async close(): Promise<void> {
    this.#drive.close();
    await this.sandbox.close();
    assertNoLeak(this.sandbox, [...this.host.findings(), ...filesIn(this.#folder)]);
    rmSync(this.#folder, { recursive: true });
  }
}

function begin({ urls, world }: Sandbox, host: OpenHost, folder: string): Promise<Drive> {
  return Drive.open({
    channel: "mochat",
    accountId: "claw",
    config: {
      baseUrl: urls.mochat,
      clawToken: world.mochat.agents.claw.token,
      agentUserId: world.mochat.agents.claw.userId,
      replyDelayMode: "off",
      maxMessagesPerMinute: 0,
    },
    store: Store.open(storeIn(folder)),
    host,
    openCore,
  });
}

function storeIn(folder: string): string {
  return join(folder, "account.sqlite");
}

export function story(
  name: string,
  tell: (client: MochatClient) => Promise<void>,
  before: Before = () => undefined,
): void {
  test(name, async () => {
    const client = await MochatClient.open(before);
    try {
      await tell(client);
      const limited = client.sandbox.ledger.find(({ kind, data }) => kind === "http" && data["status"] === 429);
      assert.deepEqual(limited, [], "the server had to refuse calls");
    } finally {
      await client.close();
    }
  });
}
