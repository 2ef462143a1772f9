/**
 * A gateway in what matters here: it takes one turn of a conversation at a time, puts others into its run or queues them in its
 * memory, notes for good which turns it has made its own, and after a death runs those again that it had not answered.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Channel as Platform } from "../../js/core/account.ts";
import type { LogLevel, Status, TurnRequest } from "../../js/core/protocol.ts";
import type { Drive } from "../../js/drive.ts";
import type { AnswerSearch, TurnReports } from "../../js/drive/host.ts";
import type { Random } from "../../sandbox/random.ts";
import { OpenHost } from "../client/host.ts";
import { Journal, journalOf, type Answer, type NotedTurn } from "./journal.ts";

/** How long the agent works at most. Long enough that follow-ups are queued behind it. */
const WORK_MS = 300;
/** From the start of the gateway until it looks for turns that were interrupted. */
const RECOVERY_MS = 300;
/** So many of a hundred messages that come while the agent works are put into its run. */
const STEERED = 50;
/** One answer in so many comes with a file, where the platform takes files. */
const FILE_ONE_IN = 8;
const FILE = "/out/log.txt";

/** One text, and what it answers. */
type Reply = { answer: Answer; turns: NotedTurn[] };

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
  /** Those of one run together. */
  readonly #interrupted: NotedTurn[][];
  /** The answers of earlier lives, as they stand in its sessions. */
  readonly #finished = new Map<string, Answer>();
  /** Those that were found since: several messages may have one answer. */
  readonly #found = new Set<string>();
  /** What the agent works on in each conversation: one turn, and what was put into its run. */
  readonly #runs = new Map<string, NotedTurn[]>();
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

  override async seekAnswer({ turn, messageId, to }: AnswerSearch): Promise<boolean> {
    const finished = this.#finished.get(messageId);
    if (finished === undefined) return false;
    const text = textOf(finished);
    if (this.#found.has(text)) return true;
    await this.#send(to, finished, { ofTurn: turn });
    this.#found.add(text);
    return true;
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
    const run = this.#runs.get(turn.to);
    // Nothing overtakes what waits.
    if (run && this.#queues.get(turn.to)?.length === 0 && this.#random.below(100) < STEERED) {
      reports.deferred();
      this.#adopt({ ...turn, joins: run[0]?.turn ?? turn.turn }, run, reports);
      reports.settled();
      return reports.ended();
    }
    const isQueued = this.#queues.has(turn.to);
    this.#enqueue(turn.to, async () => {
      const turns: NotedTurn[] = [];
      this.#adopt(turn, turns, reports);
      this.#runs.set(turn.to, turns);
      await this.#works();
      this.#runs.delete(turn.to);
      // What was queued is answered without a name, as in the gateway.
      await this.#reply(turn.to, this.#answersTo(turns), isQueued ? {} : { ofTurn: request.turn });
      if (isQueued) reports.settled();
      else reports.ended();
    });
    if (!isQueued) return;
    reports.deferred();
    reports.ended();
  }

  #adopt(turn: NotedTurn, run: NotedTurn[], reports: TurnReports): void {
    this.#journal.write({ kind: "adopted", ...turn });
    this.#own.add(turn.turn);
    run.push(turn);
    reports.adopted();
    this.#journal.write({ kind: "told", turn: turn.turn });
  }

  /** Of a run of several messages the agent answers each, or all at once. */
  #answersTo(turns: readonly NotedTurn[]): Reply[] {
    const each = turns.map((turn) => ({ answer: answerTo(turn), turns: [turn] }));
    const [first] = each;
    if (first === undefined || this.#random.below(2) === 0) return each;
    return [{ answer: { ...first.answer, asked: turns.flatMap(({ asked }) => asked) }, turns: [...turns] }];
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

  async #reply(to: string, replies: readonly Reply[], more: { ofTurn?: string }): Promise<void> {
    for (const { answer, turns } of replies) {
      for (const { turn } of turns) this.#journal.write({ kind: "replying", turn, answer });
    }
    for (const { answer, turns } of replies) {
      const error = await this.#send(to, answer, more).then(
        () => undefined,
        (failure: unknown) => String(failure),
      );
      for (const { turn } of turns) {
        this.#journal.write(error === undefined ? { kind: "replied", turn } : { kind: "failed", turn, error });
      }
    }
  }

  async #send(to: string, answer: Answer, more: { ofTurn?: string }): Promise<void> {
    // What is sent again comes with the same file.
    const media = answer.hasFile && this.#account === "dmwork" ? { media: [FILE] } : {};
    await (await this.#drive).send(to, textOf(answer), { ...more, ...media }, { localRoots: ["/out"] });
  }

  /** Reads what earlier lives have noted, and returns the turns that they did not finish, by runs. */
  #remember(journal: string): NotedTurn[][] {
    const open = new Map<string, NotedTurn>();
    for (const line of journalOf(journal)) {
      if (line.kind === "adopted" && line.account === this.#account) open.set(line.turn, line);
      if (line.kind === "replying") this.#finished.set(line.turn, line.answer);
      if (line.kind === "replied" || line.kind === "failed" || line.kind === "forgotten") open.delete(line.turn);
      if (line.kind === "adopted") this.#own.add(line.turn);
    }
    return [...Map.groupBy(open.values(), ({ turn, joins }) => joins ?? turn).values()];
  }

  /** The gateway's own recovery: it works once more and answers of its own accord, without naming a turn. */
  async #recover(remembers: number): Promise<void> {
    await sleep(RECOVERY_MS);
    for (const turns of this.#interrupted) {
      const [to = ""] = turns.map((turn) => turn.to);
      if (this.#random.below(100) >= remembers) {
        for (const { turn } of turns) this.#journal.write({ kind: "forgotten", turn });
        continue;
      }
      this.#enqueue(to, async () => {
        for (const { turn } of turns) this.#journal.write({ kind: "resumed", turn });
        await this.#works();
        await this.#reply(to, this.#finishedOr(turns), {});
      });
    }
  }

  /** What was answered together before is answered together again. */
  #finishedOr(turns: readonly NotedTurn[]): Reply[] {
    const replies = new Map<string, Reply>();
    for (const turn of turns) {
      const answer = this.#finished.get(turn.turn) ?? answerTo(turn);
      const reply = replies.get(textOf(answer)) ?? { answer, turns: [] };
      reply.turns.push(turn);
      replies.set(textOf(answer), reply);
    }
    return [...replies.values()];
  }

  #works(times = 1): Promise<void> {
    return sleep(times * this.#random.below(WORK_MS));
  }

  #noted({ messageId, to, text, history }: TurnRequest): NotedTurn {
    const context = history.flatMap((line) => namesIn(line.text));
    return { account: this.#account, turn: messageId, to, asked: namesIn(text), context };
  }
}

function answerTo({ turn, asked }: NotedTurn): Answer {
  return { asked, hasFile: Number(turn.slice(-4)) % FILE_ONE_IN === 0 };
}

function textOf({ asked }: Answer): string {
  return `told ${asked.map((name) => `told:${name}`).join(" ")}`;
}

/** The names of numbered messages, in order, each once. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\w+#\d+/g)].map(([name]) => name))];
}
