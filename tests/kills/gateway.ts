/**
 * A gateway in what matters here: it takes one turn of a conversation at a time and queues the others in its memory, notes
 * for good which turns it has made its own, and after a death runs those again that it had not answered.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Channel as Platform } from "../../js/core/account.ts";
import type { LogLevel, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { Drive } from "../../js/drive.ts";
import type { AnswerSearch, TurnReports } from "../../js/drive/host.ts";
import type { Random } from "../../sandbox/random.ts";
import { OpenHost } from "../client/host.ts";
import { Journal, journalOf, type NotedTurn } from "./journal.ts";

/** How long the agent works at most. Long enough that follow-ups are queued behind it. */
const WORK_MS = 300;
/** From the start of the gateway until it looks for turns that were interrupted. */
const RECOVERY_MS = 300;
/** One answer in so many comes with a file, where the platform takes files. */
const FILE_ONE_IN = 8;
const FILE = "/out/log.txt";

export type Script = {
  journal: string;
  /** How many of a hundred interrupted turns the gateway takes up again. */
  remembers: number;
};

export class NotingGateway extends OpenHost {
  readonly #account: Platform;
  readonly #drive: Promise<Drive>;
  readonly #journal: Journal;
  readonly #random: Random;
  /** Turns that are the gateway's own, also of earlier lives. */
  readonly #own = new Set<string>();
  readonly #interrupted: NotedTurn[];
  /** Turns of earlier lives whose answers stand in its sessions. */
  readonly #finished = new Map<string, NotedTurn>();
  /** What waits in each conversation that is at work. */
  readonly #queues = new Map<string, (() => Promise<void>)[]>();

  constructor(account: Platform, opened: Promise<Drive>, { journal, remembers }: Script, random: Random) {
    super(opened);
    this.#account = account;
    this.#drive = opened;
    this.#random = random;
    this.files.set(FILE, Buffer.from("all is well\n"));
    this.#interrupted = this.#remember(journal);
    this.#journal = new Journal(journal);
    void this.#recover(remembers);
  }

  override startTurn(turn: TurnRequest, reports: TurnReports): void {
    const noted = this.#noted(turn);
    this.#journal.write({ kind: "offered", ...noted });
    void this.#dispatch(noted, turn, reports);
  }

  override async seekAnswer({ turn, messageId }: AnswerSearch): Promise<boolean> {
    const finished = this.#finished.get(messageId);
    if (finished) await this.#send(finished, { ofTurn: turn });
    return finished !== undefined;
  }

  override publish(status: Status): void {
    if (status.lifecycle === "ready") this.#journal.write({ kind: "ready", account: this.#account });
    super.publish(status);
  }

  override log(level: LogLevel, text: string): void {
    if (level === "error" || level === "warn") this.#journal.write({ kind: "log", account: this.#account, text });
  }

  /** Follows how the gateway's dispatch begins: it fetches files, and knows a message that it has had. */
  async #dispatch(turn: NotedTurn, request: TurnRequest, reports: TurnReports): Promise<void> {
    await this.#works(request.downloads?.files.length ?? 0);
    if (this.#own.has(turn.turn)) return reports.ended();
    const isQueued = this.#queues.has(turn.to);
    this.#enqueue(turn.to, async () => {
      this.#journal.write({ kind: "adopted", ...turn });
      this.#own.add(turn.turn);
      reports.adopted();
      this.#journal.write({ kind: "told", turn: turn.turn });
      await this.#works();
      // What was queued is answered without a name, as in the gateway.
      await this.#reply(turn, isQueued ? {} : { ofTurn: request.turn });
      if (isQueued) reports.settled();
      else reports.ended();
    });
    if (!isQueued) return;
    reports.deferred();
    reports.ended();
  }

  #enqueue(to: string, run: () => Promise<void>): void {
    const queue = this.#queues.get(to);
    if (queue) queue.push(run);
    else void this.#work(to, [run]);
  }

  async #work(to: string, queue: (() => Promise<void>)[]): Promise<void> {
    this.#queues.set(to, queue);
    for (let run = queue.shift(); run; run = queue.shift()) await run();
    this.#queues.delete(to);
  }

  async #reply(turn: NotedTurn, more: { ofTurn?: string }): Promise<void> {
    this.#journal.write({ kind: "replying", turn: turn.turn });
    try {
      await this.#send(turn, more);
      this.#journal.write({ kind: "replied", turn: turn.turn });
    } catch (error) {
      this.#journal.write({ kind: "failed", turn: turn.turn, error: String(error) });
    }
  }

  async #send(turn: NotedTurn, more: { ofTurn?: string }): Promise<void> {
    const text = `told ${turn.asked.map((name) => `told:${name}`).join(" ")}`;
    // What is sent again comes with the same file.
    const hasFile = this.#account === "dmwork" && Number(turn.turn.slice(-4)) % FILE_ONE_IN === 0;
    const media = hasFile ? { media: [FILE] } : {};
    await (await this.#drive).send(turn.to, text, { ...more, ...media }, { localRoots: ["/out"] });
  }

  /** Reads what earlier lives have noted, and returns the turns that they did not finish. */
  #remember(journal: string): NotedTurn[] {
    const open = new Map<string, NotedTurn>();
    const adopted = new Map<string, NotedTurn>();
    for (const line of journalOf(journal)) {
      if (line.kind === "adopted" && line.account === this.#account) {
        open.set(line.turn, line);
        adopted.set(line.turn, line);
      }
      const finished = line.kind === "replying" ? adopted.get(line.turn) : undefined;
      if (finished) this.#finished.set(finished.turn, finished);
      if (line.kind === "replied" || line.kind === "failed" || line.kind === "forgotten") open.delete(line.turn);
      if (line.kind === "adopted") this.#own.add(line.turn);
    }
    return [...open.values()];
  }

  /** The gateway's own recovery: it works once more and answers of its own accord, without naming a turn. */
  async #recover(remembers: number): Promise<void> {
    await sleep(RECOVERY_MS);
    for (const turn of this.#interrupted) {
      if (this.#random.below(100) >= remembers) {
        this.#journal.write({ kind: "forgotten", turn: turn.turn });
        continue;
      }
      this.#enqueue(turn.to, async () => {
        this.#journal.write({ kind: "resumed", turn: turn.turn });
        await this.#works();
        await this.#reply(turn, {});
      });
    }
  }

  #works(times = 1): Promise<void> {
    return sleep(times * this.#random.below(WORK_MS));
  }

  #noted({ messageId, to, text, history }: TurnRequest): NotedTurn {
    const context = history.flatMap((line) => namesIn(line.text));
    return { account: this.#account, turn: messageId, to, asked: namesIn(text), context };
  }
}

/** The names of numbered messages, in order, each once. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\w+#\d+/g)].map(([name]) => name))];
}
