import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CoreAccount, CoreOptions, OpenCore } from "../../js/core/account.ts";
import type { Access, Effect, Input, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { AnswerSearch, FileAccess, FileOrder, Host, TurnReports } from "../../js/drive/host.ts";
import type { OpenFile } from "../../js/io/outgoing-files.ts";
import { Drive } from "../../js/drive.ts";
import { HeldTurns } from "../../js/drive/turns.ts";
import { Store } from "../../js/io/store.ts";

/** What a core answers to a fact. */
export type Script = (input: Input, life: number) => Effect[];

/** Cores that follow a script, with everything they were told. */
export class ScriptedCores {
  readonly told: { life: number; input: Input }[] = [];
  readonly disposed: number[] = [];
  /** Effects for the next pump. */
  readonly pumped: Effect[] = [];
  wake = (): void => {};
  lives = 0;
  readonly #script: Script;
  readonly #waiting: { kind: string; resolve: (input: Input) => void }[] = [];

  constructor(script: Script) {
    this.#script = script;
  }

  readonly open: OpenCore = async ({ wake }: CoreOptions): Promise<CoreAccount> => {
    const life = (this.lives += 1);
    this.wake = wake;
    return {
      handle: (input) => {
        this.told.push({ life, input });
        const effects = this.#script(input, life);
        for (const waiter of this.#waiting.filter(({ kind }) => kind === input.kind)) waiter.resolve(input);
        return { effects };
      },
      pump: () => ({ effects: this.pumped.splice(0) }),
      [Symbol.dispose]: () => void this.disposed.push(life),
    };
  };

  /** The next fact of this kind that a core takes without a trap. */
  next(kind: Input["kind"]): Promise<Input> {
    return new Promise((resolve) => this.#waiting.push({ kind, resolve }));
  }

  kinds(life: number): Input["kind"][] {
    return this.told.filter((entry) => entry.life === life).map(({ input }) => input.kind);
  }
}

/** A gateway that writes down what it is asked. */
export class RecordingHost implements Host {
  readonly log_: string[] = [];
  readonly published: Status[] = [];
  readonly turns: { turn: TurnRequest; reports: TurnReports }[] = [];
  access: Access = { ruling: "allowed" };
  /** Tokens to write down; `undefined` for the question whether one could be. */
  readonly tokens: (string | undefined)[] = [];
  tokenProblem: string | undefined;
  /** Files that were asked for. */
  readonly opened: { source: string; access: FileAccess }[] = [];
  /** Answers that were looked for. */
  readonly searches: AnswerSearch[] = [];
  finished: () => Promise<boolean> = () => Promise.resolve(false);
  file: (source: string) => Promise<OpenFile> = () => Promise.reject(new Error("it is not there"));

  askAccess(): Promise<Access> {
    return Promise.resolve(this.access);
  }
  keepToken(token: string | undefined): Promise<string | undefined> {
    this.tokens.push(token);
    return Promise.resolve(this.tokenProblem);
  }
  startTurn(turn: TurnRequest, reports: TurnReports): void {
    this.turns.push({ turn, reports });
  }
  seekAnswer(order: AnswerSearch): Promise<boolean> {
    this.searches.push(order);
    return this.finished();
  }
  openFile({ source }: FileOrder, access: FileAccess): Promise<OpenFile> {
    this.opened.push({ source, access });
    return this.file(source);
  }
  publish(status: Status): void {
    this.published.push(status);
  }
  alive(): void {}
  moved(): void {}
  log(level: string, text: string): void {
    this.log_.push(`${level}: ${text}`);
  }
}

/** A store in a folder that goes with the test. */
export function storePath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "drive-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "account.sqlite");
}

/** Runs an account whose core follows a script. */
export async function run(t: TestContext, script: Script, store = Store.open(storePath(t)), turns = new HeldTurns()) {
  const cores = new ScriptedCores(script);
  const host = new RecordingHost();
  const drive = await Drive.open({
    channel: "dmwork",
    accountId: "one",
    config: {},
    store,
    host,
    openCore: cores.open,
    turns,
  });
  t.after(() => drive.close());
  return { cores, host, drive };
}

/** The error of a wasm trap, as Node throws it. */
export function trap(): never {
  throw Object.assign(new Error("unreachable"), { name: "RuntimeError" });
}
