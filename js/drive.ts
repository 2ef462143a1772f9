/** One running account: keeps a core alive on top of its store, its sockets and the gateway. */
import { CoreTrap, type Channel, type OpenCore } from "./core/account.ts";
import { messageOf } from "./core/errors.ts";
import type { EntryId, Input, Probe, RequestId, ToolAsk } from "./core/protocol.ts";
import type { FileAccess, Host, TurnReports } from "./drive/host.ts";
import { Ledger } from "./drive/ledger.ts";
import { Life, type World } from "./drive/life.ts";
import { answered, probed, Requests, SendError, sentIds, type Settlement } from "./drive/requests.ts";
import { HeldTurns, type TurnFact } from "./drive/turns.ts";
import { failPoint } from "./io/fail-points.ts";
import type { Store } from "./io/store.ts";
import type { Tally } from "./io/tally.ts";
import { entropy } from "./io/transport.ts";

/** A core that traps right after its rebuild would trap again: from the second time on it gets a rest. */
const FIRST_REST_MS = 1_000;
/** Long enough to spare the log, short enough that an update of the platform that cures it is noticed. */
const LONGEST_REST_MS = 60_000;
/** A life of this length was a good one: the next trap starts from the beginning. */
const STEADY_LIFE_MS = 5 * 60_000;
/**
 * Between two looks for dead letters that the operator, in another process, wants tried again. A look costs microseconds,
 * and nobody watches for the answer by the second.
 */
const LOOK_FOR_REPLAYS_MS = 30_000;
/** The first time may have been the fault of something else. */
const TRAPS_PER_MESSAGE = 2;

export type DriveOptions = {
  channel: Channel;
  accountId: string;
  config: unknown;
  /** Closed with the drive. */
  store: Store;
  host: Host;
  openCore: OpenCore;
  /** Turns that the gateway was given before this drive, in the same process, and those it will be given. */
  turns?: HeldTurns;
};

/** What a text may come with: files, the message that it answers, the turn that it is a part of the reply to. */
type More = Pick<Extract<Input, { kind: "sendAsked" }>, "media" | "replyTo" | "ofTurn">;

/** The core does not take the configuration. Its sentence is for the operator; trying again would not help. */
export class RefusedError extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = "RefusedError";
  }
}

export class Drive implements Disposable {
  readonly #options: DriveOptions;
  readonly #world: World;
  #life: Life | undefined;
  /** Resolves when there is a life again, rejects when there will be none. */
  #alive = expectLife();
  /** The life that those who wait were told of. */
  #announced: Life | undefined;
  #dispose: (() => void) | undefined;
  #rebuild: NodeJS.Timeout | undefined;
  readonly #replays: NodeJS.Timeout;
  readonly #broken = Promise.withResolvers<never>();
  #rest = 0;
  /** Messages over which the core trapped, and how often. */
  readonly #strikes = new Map<EntryId, number>();
  #closed = false;

  private constructor(options: DriveOptions) {
    this.#options = options;
    const { host, store, turns = new HeldTurns() } = options;
    this.#world = {
      host,
      ledger: new Ledger(
        store,
        (text) => host.log("error", text),
        (error) => this.#broken.reject(new Error(`the store is damaged: ${messageOf(error)}`, { cause: error })),
      ),
      requests: new Requests(),
      turns,
      reports: (turn) => reports(turns, turn),
      trapped: (life, error) => this.#trapped(life, error),
    };
    // Nobody has to be waiting.
    this.#broken.promise.catch(() => {});
    turns.attend(this.#hear);
    this.#replays = setInterval(() => this.#replay(), LOOK_FOR_REPLAYS_MS).unref();
  }

  /** Starts an account. Rejects with `RefusedError` if the core does not take the configuration. */
  static async open(options: DriveOptions): Promise<Drive> {
    const drive = new Drive(options);
    try {
      await drive.#begin();
    } catch (error) {
      drive.close();
      throw error;
    }
    return drive;
  }

  /** Rejects when the store turns out to be damaged: only an account that is started anew gets a sound one. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Sends a text and returns the platform's ids of its parts; throws `SendError` if not all of it went out. */
  async send(to: string, text: string, more: More = {}, access?: FileAccess): Promise<string[]> {
    return sentIds(await this.#ask((request) => ({ kind: "sendAsked", request, to, text, ...more }), access));
  }

  /** Asks the core whether the account works. */
  async probe(): Promise<Probe> {
    return probed(await this.#ask((request) => ({ kind: "probeAsked", request })));
  }

  /** Has something done on the platform and returns words for the model; throws the words of a refusal. */
  async tool(ask: ToolAsk): Promise<string> {
    return answered(await this.#ask((request) => ({ kind: "toolAsked", request, ask: JSON.stringify(ask) })));
  }

  /** How its messages stand, or nothing of it while the store can't be read. */
  tally(): Partial<Tally> {
    try {
      return this.#options.store.tally();
    } catch (error) {
      this.#options.host.log("error", `store: ${String(error)}; its messages can't be counted`);
      return {};
    }
  }

  /** Shows what the agent has written so far. */
  write(turn: EntryId, text: string): void {
    this.#life?.tell({ kind: "partWritten", turn, text });
  }

  /** Shows that the agent works. Worth nothing later, so it waits for no rebuild. */
  type(to: string): void {
    this.#life?.tell({ kind: "typingAsked", to });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#rebuild);
    clearInterval(this.#replays);
    this.#life?.end();
    this.#life = undefined;
    const stopped = new SendError("the account was stopped");
    this.#alive.reject(stopped);
    this.#alive = expectLife();
    this.#alive.reject(stopped);
    this.#world.requests.reject(stopped);
    this.#world.turns.leave(this.#hear);
    try {
      this.#dispose?.();
    } catch (error) {
      this.#options.host.log("error", `core failed while it was closed: ${String(error)}`);
    }
    this.#world.ledger.close();
    this.#options.store.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #ask(input: (request: RequestId) => Input, access?: FileAccess): Promise<Settlement> {
    let life = await this.#alive.promise;
    // It may have trapped between its first breath and our turn.
    while (life !== this.#life) life = await this.#alive.promise;
    return this.#world.requests.ask((request) => life.tell(input(request)), access);
  }

  /** Opens a core and gives it everything that outlived its predecessor. */
  async #begin(): Promise<void> {
    const { channel, accountId, config, openCore } = this.#options;
    const { ledger, turns } = this.#world;
    ledger.catchUp();
    ledger.revive();
    // Nothing writes while there is no life, so this is still true when the core is open.
    const stored = ledger.stored();
    let life: Life | undefined;
    // `wake` may be called out of wasm, which must not be entered again before it has returned.
    const wake = () => void setImmediate(() => life?.pump());
    const core = await openCore({ channel, accountId, config, wake }).catch((error: unknown) => {
      throw new RefusedError(error);
    });
    if (this.#closed) return core[Symbol.dispose]();
    life = new Life(core, this.#world);
    this.#life = life;
    this.#dispose = () => core[Symbol.dispose]();
    const facts = turns.facts();
    const suspects = [...this.#strikes].filter(([, traps]) => traps >= TRAPS_PER_MESSAGE).map(([id]) => id);
    const inherited = turns.begin(stored.entries.flatMap(({ entrusted }) => entrusted ?? []));
    life.tell({ kind: "started", ...stored, turns: turns.list(), inherited, suspects, entropy: entropy() });
    for (const fact of facts) life.tell(fact);
    // What the core did before it was there.
    life.pump();
    if (this.#life !== life) return;
    this.#announced = life;
    this.#alive.resolve(life);
  }

  /** While there is no life, what is asked for waits for the next one. */
  #replay(): void {
    const entries = this.#life ? this.#world.ledger.revive() : [];
    if (entries.length > 0) this.#life?.tell({ kind: "replayed", entries });
  }

  /** A trap costs one account one life. The instance is dropped as it lies: its memory can't be trusted any more. */
  #trapped(life: Life, error: unknown): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    this.#dispose = undefined;
    // Whoever waits for a life that ended before it was announced waits for the next one.
    if (this.#announced === life) this.#alive = expectLife();
    if (Date.now() - life.startedAt >= STEADY_LIFE_MS) this.#rest = 0;
    const subject = error instanceof CoreTrap ? error.subject : undefined;
    if (subject !== undefined) this.#strikes.set(subject, (this.#strikes.get(subject) ?? 0) + 1);
    const { host } = this.#options;
    host.publish({ lifecycle: "recovering", detail: `core trapped: ${messageOf(error)}; rebuilt` });
    host.log("error", `core trapped and is rebuilt from the store: ${stackOf(error)}`);
    this.#world.requests.reject(new SendError(`core trapped: ${messageOf(error)}`));
    this.#beginLater();
  }

  #beginLater(): void {
    if (this.#closed) return;
    const rest = this.#rest;
    // The one delay that JavaScript computes: the core, which computes the others, is what is broken.
    this.#rest = Math.min(Math.max(rest * 2, FIRST_REST_MS), LONGEST_REST_MS);
    this.#rebuild = setTimeout(() => {
      void this.#begin().catch((error: unknown) => {
        this.#options.host.log("error", `core could not be rebuilt: ${stackOf(error)}`);
        this.#beginLater();
      });
    }, rest);
  }

  /** For whoever asks why. That a turn was let go shows in its next offer. */
  #jot(fact: TurnFact): void {
    const { ledger } = this.#world;
    const { turn } = fact;
    if (fact.kind === "turnDeferred") ledger.jot({ kind: "deferred", turn });
    if (fact.kind === "turnAdopted") ledger.jot({ kind: "adopted", turn });
    if (fact.kind === "turnEnded") ledger.jot({ kind: "ended", turn, error: fact.error });
  }

  /** The gateway said something about a turn, also about one of a drive before this one. */
  readonly #hear = (fact: TurnFact): void => {
    this.#jot(fact);
    if (fact.kind === "turnAdopted") failPoint("adopt.during");
    this.#life?.tell(fact);
  };
}

/** How the gateway reports on a turn, to whoever keeps the account at that moment. */
function reports(turns: HeldTurns, turn: EntryId): TurnReports {
  return {
    adopted: () => {
      failPoint("adopt.before");
      turns.say({ kind: "turnAdopted", turn });
      failPoint("adopt.after");
    },
    deferred: () => turns.say({ kind: "turnDeferred", turn }),
    abandoned: () => turns.say({ kind: "turnAbandoned", turn }),
    settled: () => turns.say({ kind: "turnSettled", turn }),
    ended: (error) => turns.say({ kind: "turnEnded", turn, ...(error === undefined ? {} : { error }) }),
  };
}

function expectLife(): PromiseWithResolvers<Life> {
  const expected = Promise.withResolvers<Life>();
  // Nobody has to be waiting when the account stops.
  expected.promise.catch(() => {});
  return expected;
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack ? error.stack : String(error);
}
