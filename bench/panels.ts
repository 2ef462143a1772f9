/** A Mochat account in wasm that talks in many panels, each with remembered messages and with messages that wait. */

import { createServer } from "node:http";
import type { CoreAccount, OpenCore } from "../js/core/account.ts";
import type { Effect, Epoch, Step, StoredEntry } from "../js/core/protocol.ts";
import { listen } from "../tests/js/loopback.ts";
import { find } from "../tests/js/wukong-peer.ts";
import { content } from "./payload.ts";

/** Bytes of an ordinary message. */
const SIZE = 200;
/** Of each panel. A quarter of what is usual: an account of 10,000 panels takes long enough to start. */
const REMEMBERED = 5;
const WAITING = 2;
/** More rules of their own than a configuration holds would be refused. */
const MOST_RULES = 1_000;
/** Nothing becomes due while it is measured. */
const LONG_MS = 60 * 60 * 1_000;

const BOT = "6981000000000000000000b0";
const GROUP = "6981000000000000000000c0";
/** An id as the platform makes them. */
const hex = (number: number): string => `6981${number.toString(16).padStart(20, "0")}`;

type Commit = Extract<Effect, { kind: "commit" }>;

export class Panels implements Disposable {
  readonly count: number;
  readonly #core: CoreAccount;
  readonly #epoch: Epoch;
  #last = 0;

  private constructor(count: number, core: CoreAccount, epoch: Epoch, last: number) {
    this.count = count;
    this.#core = core;
    this.#epoch = epoch;
    this.#last = last;
  }

  /** Starts an account, as after a restart with all its conversations or with none yet. */
  static async open(open: OpenCore, count: number, talks = true): Promise<Panels> {
    // Lists nothing, as for an agent that is told of panels alone.
    const api = createServer((_request, response) => response.writeHead(404).end());
    const ids = Array.from({ length: count }, (_, number) => hex(number));
    const config = {
      baseUrl: `http://127.0.0.1:${await listen(api)}`,
      clawToken: "claw_bench",
      agentUserId: BOT,
      refreshIntervalMs: LONG_MS,
      replyDelayMode: "always",
      replyDelayMs: LONG_MS,
      historyLimit: REMEMBERED,
      mention: { requireInGroups: true },
      groups: Object.fromEntries(ids.slice(0, MOST_RULES).map((id) => [id, { requireMention: true }])),
    };
    let woken = Promise.withResolvers<void>();
    const core = await open({ channel: "mochat", accountId: "panels", config, wake: () => woken.resolve() });
    const entries = Array.from({ length: talks ? REMEMBERED + WAITING : 0 }, (_, round) =>
      ids.map((panel, number) => stored(panel, round * count + number, round >= REMEMBERED)),
    ).flat();
    const started = core.handle({
      kind: "started",
      entries,
      notes: [],
      turns: [],
      inherited: [],
      suspects: [],
      entropy: new Uint8Array(32),
    });
    const { epoch } = order(started, "openSocketIo");
    let step = core.handle({ kind: "socketOpened", epoch, entropy: new Uint8Array(32) });
    while (find(step, "status")?.status.lifecycle !== "ready") {
      await woken.promise;
      woken = Promise.withResolvers<void>();
      step = core.pump();
    }
    api.close();
    const panels = new Panels(count, core, epoch, entries.length);
    for (const { question } of all(started, "askAccess")) panels.allow(question.entry);
    return panels;
  }

  /** A message of the next panel, up to the order to store it. */
  say(mentions: boolean): Commit {
    this.#last += 1;
    const panel = hex(this.#last % this.count);
    // Without an id a message waits for no log: ten thousand logs would take two hours of the server's budget.
    const payload = {
      author: hex(this.#last % 50),
      authorInfo: { nickname: "Ann", type: "user" },
      content: content(SIZE, this.#last),
      groupId: GROUP,
      meta: { mentions: mentions ? [BOT] : [] },
    };
    const event = { seq: this.#last, type: "message.add", timestamp: new Date().toISOString(), payload };
    const body = JSON.stringify({ sessionId: panel, cursor: this.#last, events: [event] });
    const name = "claw.panel.events";
    return order(this.#core.handle({ kind: "eventReceived", epoch: this.#epoch, name, body }), "commit");
  }

  /** Says that a message is on disk. */
  commit({ commit, entries }: Commit): Step {
    return this.#core.handle({ kind: "committed", commit, fresh: entries.map(({ id }) => id) });
  }

  /** Says that the sender of a message may speak. */
  allow(entry: string): Step {
    return this.#core.handle({ kind: "accessDecided", entry, access: { ruling: "allowed" } });
  }

  /** Has the build with faults judge messages with these numbers, and returns how many it did. */
  judgeEach(mentions: boolean, start: number, end: number): number {
    const record = JSON.stringify(message(hex(0), hex(0), mentions));
    const fault = { kind: "judge", record, panels: this.count, numbers: { start, end } };
    return Number(find(this.#core.handle({ kind: "typingAsked", to: `fault:${JSON.stringify(fault)}` }), "log")?.text);
  }

  [Symbol.dispose](): void {
    this.#core[Symbol.dispose]();
  }
}

function stored(panel: string, number: number, waits: boolean): StoredEntry {
  const id = hex(number);
  return { id, record: JSON.stringify(message(panel, id, waits)), receivedAt: Date.now(), kept: !waits, adoptions: 0 };
}

/** A message as the core writes it down. */
function message(panel: string, id: string, mentionsUs: boolean): object {
  const sender = { id: hex(7), name: "Ann", author: "person" };
  const place = { place: `panel:${panel}`, group: GROUP, chat: "group", access: "group" };
  return { id, ...place, sender, text: content(SIZE), mentionsUs, sentAt: Date.now() };
}

function all<K extends Effect["kind"]>(step: Step, kind: K): Extract<Effect, { kind: K }>[] {
  return step.effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
}

function order<K extends Effect["kind"]>(step: Step, kind: K): Extract<Effect, { kind: K }> {
  const effect = find(step, kind);
  if (!effect) throw new Error(`no ${kind} among ${step.effects.map((other) => other.kind).join(", ")}`);
  return effect;
}
