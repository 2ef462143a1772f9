/** One instance of the core, from its first fact to its end: facts in, orders carried out, in order. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { CoreAccount } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import type { Effect, Epoch, Input, Step, TurnRequest } from "../core/protocol.ts";
import { failPoint } from "../io/fail-points.ts";
import { OutgoingFiles } from "../io/outgoing-files.ts";
import { openSocketIo, type EventSocket } from "../io/socketio.ts";
import type { SocketFact } from "../io/transport.ts";
import { openWebSocket, type FrameSocket } from "../io/websocket.ts";
import type { AnswerSearch, Host, TurnReports } from "./host.ts";
import type { Ledger } from "./ledger.ts";
import type { Requests } from "./requests.ts";
import type { HeldTurns } from "./turns.ts";

/** What a life works with and leaves behind. */
export type World = {
  host: Host;
  ledger: Ledger;
  requests: Requests;
  turns: HeldTurns;
  /** How the gateway reports on a turn; finds the life of the moment. */
  reports(turn: string): TurnReports;
  /** The core threw. The life is over when this is called. */
  trapped(life: Life, error: unknown): void;
};

/** Stands in the queue for "take what came in asynchronously". */
const PUMP = Symbol("pump");

export class Life {
  readonly startedAt = Date.now();
  /**
   * Where this life began, for Node's async context. A fact that a turn or a tool call tells must not draw what follows
   * from it, timers and sockets and the next turn, into the gateway's scope for that work, which ends with it.
   */
  readonly #atHome = AsyncLocalStorage.snapshot();
  readonly #core: CoreAccount;
  readonly #world: World;
  readonly #queue: (Input | typeof PUMP)[] = [];
  readonly #frameSockets = new Map<Epoch, FrameSocket>();
  readonly #eventSockets = new Map<Epoch, EventSocket>();
  readonly #files = new OutgoingFiles((fact) => this.tell(fact));
  #running = false;
  #over = false;

  constructor(core: CoreAccount, world: World) {
    this.#core = core;
    this.#world = world;
  }

  /** Tells the core a fact. Facts that arrive while one is handled wait for it: the core is never re-entered. */
  tell(input: Input): void {
    this.#enqueue(input);
  }

  pump(): void {
    this.#enqueue(PUMP);
  }

  /** Ends this life. Its sockets close, and whatever still reports to it is not heard. */
  end(): void {
    this.#over = true;
    for (const socket of [...this.#frameSockets.values(), ...this.#eventSockets.values()]) socket.close();
    this.#frameSockets.clear();
    this.#eventSockets.clear();
    this.#files.closeAll();
  }

  #enqueue(item: Input | typeof PUMP): void {
    // The one place where what belongs to an older life is dropped.
    if (this.#over) return;
    this.#queue.push(item);
    if (this.#running) return;
    this.#running = true;
    this.#atHome(() => {
      for (let next = this.#queue.shift(); next && !this.#over; next = this.#queue.shift()) this.#take(next);
    });
    this.#running = false;
  }

  #take(item: Input | typeof PUMP): void {
    let step: Step;
    try {
      step = item === PUMP ? this.#core.pump() : this.#core.handle(item);
    } catch (error) {
      this.end();
      this.#world.trapped(this, error);
      return;
    }
    // `step.wakeAt` needs no timer here: the wasm driver keeps it.
    for (const effect of step.effects) this.#attempt(effect);
    if (item !== PUMP && "turn" in item) this.#world.turns.took(item);
  }

  /** An order that can't be carried out is our bug, not the core's: the rest of the step still counts. */
  #attempt(effect: Effect): void {
    try {
      this.#apply(effect);
    } catch (error) {
      this.#world.host.log("error", `${effect.kind} failed: ${String(error)}`);
    }
  }

  #apply(effect: Effect): void {
    const { host, ledger, requests } = this.#world;
    switch (effect.kind) {
      case "openWebSocket":
        this.#frameSockets.set(
          effect.epoch,
          openWebSocket(effect.epoch, effect.url, (fact) => this.#hear(fact)),
        );
        return;
      case "openSocketIo":
        this.#eventSockets.set(
          effect.epoch,
          openSocketIo(effect.epoch, effect, (fact) => this.#hear(fact)),
        );
        return;
      case "closeSocket":
        return this.#closeSocket(effect.epoch);
      case "sendFrame":
        return this.#frameSockets.get(effect.epoch)?.send(effect.bytes);
      case "emit":
        return this.#eventSockets.get(effect.epoch)?.emit(effect.emit, effect.name, effect.body, effect.timeoutMs);
      case "commit":
        return this.#commit(effect);
      case "keep":
        return ledger.keep(effect.entries);
      case "reopen":
        return ledger.reopen(effect.entries);
      case "reclaim":
        return ledger.reclaim(effect.entries);
      case "release":
        return ledger.release(effect.entries);
      case "readEntries":
        return this.#readEntries(effect);
      case "resolve":
        return ledger.resolve(effect.entries, effect.outcome, effect);
      case "judged":
        return ledger.jot(effect);
      case "askAccess":
        return this.#askAccess(effect);
      case "startTurn":
        return this.#startTurn(effect.turn);
      case "seekAnswer":
        return this.#seekAnswer(effect);
      case "assignSend":
        return requests.assign(effect.request, effect.turn);
      case "openFile":
        return this.#files.open(effect, (order, signal) =>
          host.openFile(order, requests.accessOf(order.request), signal),
        );
      case "upload":
        return this.#files.upload(effect);
      case "closeFile":
        return this.#files.close(effect.file);
      case "settleSend":
        return this.#settleSend(effect);
      case "settleProbe":
      case "settleTool":
        return requests.settle(effect);
      case "keepToken":
        return this.#keepToken(effect);
      case "status":
        return host.publish(effect.status);
      case "alive":
        return host.alive();
      case "log":
        return host.log(effect.level, effect.text);
      default:
        return unreachable(effect);
    }
  }

  #hear(fact: SocketFact): void {
    if (fact.kind === "socketClosed") this.#closeSocket(fact.epoch);
    this.tell(fact);
  }

  #closeSocket(epoch: Epoch): void {
    this.#frameSockets.get(epoch)?.close();
    this.#eventSockets.get(epoch)?.close();
    this.#frameSockets.delete(epoch);
    this.#eventSockets.delete(epoch);
  }

  #commit({ commit, entries, notes }: Extract<Effect, { kind: "commit" }>): void {
    try {
      failPoint("commit.before");
      const fresh = this.#world.ledger.commit({ entries, notes });
      failPoint("commit.after");
      if (fresh.length > 0) this.#world.host.moved("in");
      this.tell({ kind: "committed", commit, fresh });
    } catch (error) {
      this.tell({ kind: "commitFailed", commit, error: String(error) });
    }
  }

  #startTurn(turn: TurnRequest): void {
    const { host, ledger, turns } = this.#world;
    turns.hold(turn);
    ledger.jot({ kind: "offered", turn: turn.turn, entries: turn.entries });
    failPoint("offer.before");
    host.startTurn(turn, this.#world.reports(turn.turn));
    failPoint("offer.after");
  }

  #readEntries({ place, entries }: Extract<Effect, { kind: "readEntries" }>): void {
    try {
      this.tell({ kind: "entriesRead", place, entries: this.#world.ledger.read(entries) });
    } catch (error) {
      this.tell({ kind: "entriesRead", place, entries: [], error: String(error) });
    }
  }

  #settleSend(settlement: Extract<Effect, { kind: "settleSend" }>): void {
    const { host, ledger, requests } = this.#world;
    const { request, messageIds, error } = settlement;
    if (messageIds.length > 0) host.moved("out");
    const turn = requests.turnOf(request);
    if (turn !== undefined) ledger.jot({ kind: "sent", turn, messageIds, error });
    requests.settle(settlement);
  }

  #seekAnswer(order: AnswerSearch): void {
    const { turn } = order;
    void this.#world.host.seekAnswer(order).then(
      (found) => this.tell({ kind: "answerSought", turn, found }),
      (error: unknown) => this.tell({ kind: "answerSought", turn, found: true, error: messageOf(error) }),
    );
  }

  #keepToken({ request, token }: Extract<Effect, { kind: "keepToken" }>): void {
    void this.#world.host
      .keepToken(token)
      .catch((error: unknown) => String(error))
      .then((problem) => this.tell({ kind: "tokenKept", request, ...(problem === undefined ? {} : { problem }) }));
  }

  #askAccess({ question }: Extract<Effect, { kind: "askAccess" }>): void {
    const { entry } = question;
    void this.#world.host
      .askAccess(question)
      .catch((error: unknown) => ({ ruling: "unknown" as const, detail: String(error) }))
      .then((access) => this.tell({ kind: "accessDecided", entry, access }));
  }
}

function unreachable(effect: never): never {
  throw new Error(`the core gave an order that this version does not know: ${JSON.stringify(effect)}`);
}
