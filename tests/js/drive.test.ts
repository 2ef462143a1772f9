import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import type { Effect, Input, NewEntry, TurnRequest } from "../../js/core/protocol.ts";
import { Drive } from "../../js/drive.ts";
import { HeldTurns } from "../../js/drive/turns.ts";
import { readPath } from "../../js/io/lookup.ts";
import { Store } from "../../js/io/store.ts";
import { listen } from "./loopback.ts";
import { RecordingHost, run, storePath, trap, type Script } from "./scripted.ts";

function entry(id: string): NewEntry {
  return { id, place: "user:ann", record: "{}", receivedAt: 1 };
}

function turn(id: string): TurnRequest {
  const sender = { id: "ann", author: "person" } as const;
  return {
    turn: id,
    messageId: id,
    entries: [id],
    to: "user:ann",
    chat: "direct",
    sender,
    text: "hi",
    mentioned: false,
    history: [],
    sentAt: 1,
    progress: "whole",
  };
}

const refuse = () => Promise.reject(new Error("botToken: is missing. Ask BotFather."));

function log(text: string): Effect {
  return { kind: "log", level: "info", text };
}

/** Commits the messages `ids` once at the start, as a core does that finds them on the wire. */
function commits(...ids: string[]): Script {
  return (input, life) =>
    input.kind === "started" && life === 1 ? [{ kind: "commit", commit: 1, entries: ids.map(entry), notes: [] }] : [];
}

test("orders are carried out in order, and what they lead to is told after the step", async (t) => {
  const { cores, host } = await run(t, (input) => {
    if (input.kind === "started") {
      return [log("first"), { kind: "commit", commit: 1, entries: [entry("1")], notes: [] }, log("second")];
    }
    return input.kind === "committed" ? [log(`fresh ${input.fresh.join()}`)] : [];
  });
  assert.deepEqual(host.log_, ["info: first", "info: second", "info: fresh 1"]);
  assert.deepEqual(cores.kinds(1), ["started", "committed"]);
});

test("a commit that the disk refuses is told, and an outcome that it refuses is written later", async (t) => {
  const path = storePath(t);
  const { cores, host } = await run(
    t,
    (input) => {
      if (input.kind === "started") return [{ kind: "commit", commit: 1, entries: [entry("1")], notes: [] }];
      if (input.kind === "turnEnded") {
        const outcome = { verdict: "answer", reason: "direct" } as const;
        return [
          { kind: "resolve", entries: ["1"], outcome },
          { kind: "commit", commit: 2, entries: [entry("2")], notes: [] },
        ];
      }
      return input.kind === "committed" && input.commit === 1 ? [{ kind: "startTurn", turn: turn("1") }] : [];
    },
    Store.open(path),
  );
  using other = new DatabaseSync(path);
  // Stands for a disk that refuses: nothing of ours may be written while this exists.
  other.exec("CREATE TRIGGER refuse BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'disk says no'); END");
  other.exec("CREATE TRIGGER refuse_too BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk says no'); END");
  host.turns[0]?.reports.ended();
  assert.match(String(host.log_), /disk says no; 1 writes wait/);
  assert.equal(cores.kinds(1).at(-1), "commitFailed");
  other.exec("DROP TRIGGER refuse; DROP TRIGGER refuse_too");
  cores.pumped.push({ kind: "commit", commit: 3, entries: [], notes: [] });
  const committed = cores.next("committed");
  cores.wake();
  await committed;
  assert.equal(other.prepare("SELECT standing FROM entries WHERE id = '1'").get()?.["standing"], "done");
});

test("what the core let go of is handed back from the store, or it is told why not", async (t) => {
  const store = Store.open(storePath(t));
  const read: Effect = { kind: "readEntries", place: "user:ann", entries: ["2", "1"] };
  const { cores, drive } = await run(
    t,
    (input) => {
      if (input.kind === "started")
        return [{ kind: "commit", commit: 1, entries: [entry("1"), entry("2")], notes: [] }];
      return input.kind === "committed" || input.kind === "typingAsked" ? [read] : [];
    },
    store,
  );
  const stored = ["2", "1"].map((id) => ({ id, record: "{}", receivedAt: 1, kept: false, adoptions: 0 }));
  assert.deepEqual(cores.told.at(-1)?.input, { kind: "entriesRead", place: "user:ann", entries: stored });
  store.close();
  drive.type("user:ann");
  const told = cores.told.at(-1)?.input;
  assert.ok(told?.kind === "entriesRead");
  assert.deepEqual(told.entries, []);
  assert.match(told.error ?? "", /Error/);
});

test("what the core does asynchronously is pumped from our own stack", async (t) => {
  const { cores } = await run(t, () => []);
  cores.pumped.push({ kind: "commit", commit: 9, entries: [], notes: [] });
  const committed = cores.next("committed");
  cores.wake();
  assert.equal(cores.pumped.length, 1, "not inside the call");
  await committed;
});

test("a trap costs one life: the next one begins at once with what is in the store", async (t) => {
  const first = commits("1", "2");
  const { cores, host, drive } = await run(t, (input, life) =>
    input.kind === "sendAsked" && life === 1 ? trap() : first(input, life),
  );
  const restarted = cores.next("started");
  const before = performance.now();
  await assert.rejects(drive.send("user:ann", "hello"), /core trapped: unreachable/);
  assert.deepEqual(host.published, [{ lifecycle: "recovering", detail: "core trapped: unreachable; rebuilt" }]);
  assert.match(String(host.log_), /^error: core trapped and is rebuilt/);
  const started = await restarted;
  assert.ok(performance.now() - before < 1_000);
  assert.ok(started.kind === "started");
  assert.deepEqual(
    started.entries.map(({ id }) => id),
    ["1", "2"],
  );
  assert.deepEqual(cores.disposed, [], "a trapped instance is not touched again");
});

test("what was asked while there was no life waits for the next one", async (t) => {
  const { drive } = await run(t, (input, life) => {
    if (input.kind === "typingAsked") return trap();
    if (input.kind !== "sendAsked") return [];
    return [{ kind: "settleSend", request: input.request, messageIds: [`sent by ${life}`] }];
  });
  drive.type("user:ann");
  assert.deepEqual(await drive.send("user:ann", "hello"), ["sent by 2"]);
});

test("a rebuilt core hears which turns run, and everything that was said about them", async (t) => {
  const { cores, host, drive } = await run(t, (input, life) => {
    if (input.kind === "started" && life === 1) {
      return ["1", "2", "3"].map((id) => ({ kind: "startTurn", turn: turn(id) }) as const);
    }
    return input.kind === "typingAsked" && life === 1 ? trap() : [];
  });
  const [done, adopted, deferred] = host.turns.map(({ reports }) => reports);
  done?.adopted();
  done?.ended();
  adopted?.adopted();
  deferred?.deferred();
  deferred?.ended();
  drive.type("user:ann");
  adopted?.ended("said while there was no core");
  await cores.next("turnDeferred");
  const second = cores.told.filter(({ life }) => life === 2).map(({ input }) => input);
  const [started, ...facts] = second;
  assert.ok(started?.kind === "started");
  assert.deepEqual(started.turns, [
    { turn: "2", entries: ["2"] },
    { turn: "3", entries: ["3"] },
  ]);
  assert.deepEqual(facts.slice(0, 3), [
    { kind: "turnAdopted", turn: "2" },
    { kind: "turnEnded", turn: "2", error: "said while there was no core" },
    { kind: "turnDeferred", turn: "3" },
  ]);
});

test("the core hears what became of the search for an answer", async (t) => {
  const search = { turn: "2", messageId: "2~1", to: "user:ann", chat: "direct", senderId: "ann" } as const;
  const { cores, drive, host } = await run(t, ({ kind }) =>
    kind === "typingAsked" ? [{ kind: "seekAnswer", ...search }] : [],
  );
  for (const [finished, told] of [
    [() => Promise.resolve(true), { found: true }],
    [() => Promise.resolve(false), { found: false }],
    [() => Promise.reject(new Error("HTTP 400")), { found: true, error: "HTTP 400" }],
  ] as const) {
    host.finished = finished;
    const heard = cores.next("answerSought");
    drive.type("user:ann");
    assert.deepEqual(await heard, { kind: "answerSought", turn: "2", ...told });
  }
  assert.deepEqual(host.searches[0], { kind: "seekAnswer", ...search });
});

test("the sockets of an older life are closed and not heard", async (t) => {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  const url = `ws://127.0.0.1:${await listen(http)}`;
  t.after(() => http.close());
  const { cores, drive } = await run(t, (input, life) => {
    if (input.kind === "started" && life === 1) return [{ kind: "openWebSocket", epoch: 1, url }];
    return input.kind === "typingAsked" ? trap() : [];
  });
  const opened = cores.next("socketOpened");
  const [peer] = await once(server, "connection");
  await opened;
  const restarted = cores.next("started");
  const gone = once(peer, "close");
  drive.type("user:ann");
  await Promise.all([restarted, gone]);
  assert.deepEqual(cores.kinds(2), ["started"]);
});

test("an account that is stopped lets go of everything and answers whoever waits", async (t) => {
  const path = storePath(t);
  const { cores, drive } = await run(t, () => [], Store.open(path));
  const waiting = assert.rejects(drive.send("user:ann", "hello"), /stopped/);
  await new Promise(setImmediate);
  drive.close();
  await waiting;
  await assert.rejects(drive.send("user:ann", "hello"), /stopped/);
  assert.deepEqual(cores.disposed, [1]);
  Store.open(path).close();
});

test("a turn that the gateway holds outlives the account's restart: it is not offered again, and what is said is heard", async (t) => {
  const path = storePath(t);
  const turns = new HeldTurns();
  const first = await run(
    t,
    (input) => {
      if (input.kind === "started") return [{ kind: "commit", commit: 1, entries: [entry("1")], notes: [] }];
      return input.kind === "committed" ? [{ kind: "startTurn", turn: turn("1") }] : [];
    },
    Store.open(path),
    turns,
  );
  first.drive.close();
  first.host.turns[0]?.reports.deferred();
  const outcome = { verdict: "answer", reason: "direct" } as const;
  const answered: Effect = { kind: "resolve", entries: ["1"], outcome, turn: "1" };
  const second = await run(t, ({ kind }) => (kind === "turnAdopted" ? [answered] : []), Store.open(path), turns);
  first.host.turns[0]?.reports.adopted();
  first.drive.close();
  first.host.turns[0]?.reports.ended();
  assert.notDeepEqual(turns.list(), [], "it was queued: its run goes on");
  first.host.turns[0]?.reports.settled();
  const [started, ...facts] = second.cores.told.map(({ input }) => input);
  assert.ok(started?.kind === "started");
  assert.deepEqual([started.entries.map(({ id }) => id), started.turns], [["1"], [{ turn: "1", entries: ["1"] }]]);
  assert.deepEqual(
    facts.map(({ kind }) => kind),
    ["turnDeferred", "turnAdopted", "turnEnded", "turnSettled"],
  );
  assert.deepEqual(turns.list(), []);
  second.drive.close();
  assert.ok(readPath(path, "last")?.turn?.adoptedAt);
});

/** A core that gives these orders at its start. */
function begin(effects: Effect[]) {
  return (input: Input) => (input.kind === "started" ? effects : []);
}

/** What a core was told first of turns of an earlier gateway. */
function inherited({ cores }: Awaited<ReturnType<typeof run>>) {
  const started = cores.told[0]?.input;
  return started?.kind === "started" && started.inherited;
}

test("a core that is rebuilt knows which turns a gateway before this one had, and which are this one's", async (t) => {
  const path = storePath(t);
  const outcome = { verdict: "answer", reason: "direct" } as const;
  const take = (id: string): Effect[] => [
    { kind: "commit", commit: 1, entries: [entry(id)], notes: [] },
    { kind: "resolve", entries: [id], outcome, turn: id, entrusted: true },
  ];
  (await run(t, begin([...take("1"), ...take("2")]), Store.open(path))).drive.close();
  const turns = new HeldTurns();
  const first = await run(t, begin([{ kind: "startTurn", turn: turn("2") }, ...take("3")]), Store.open(path), turns);
  first.drive.close();
  const second = await run(t, () => [], Store.open(path), turns);
  second.drive.close();
  const afterwards = await run(t, () => [], Store.open(path));
  assert.deepEqual([inherited(first), inherited(second)], [["1", "2"], ["1"]]);
  assert.deepEqual(inherited(afterwards), ["1", "2", "3"]);
});

test("a configuration that the core refuses is the caller's to tell, and the store is free again", async (t) => {
  const path = storePath(t);
  const opening = Drive.open({
    channel: "dmwork",
    accountId: "one",
    config: {},
    store: Store.open(path),
    host: new RecordingHost(),
    openCore: refuse,
  });
  await assert.rejects(opening, /botToken: is missing/);
  Store.open(path).close();
});

test("the gateway's judgement of a sender comes back with the message it is about", async (t) => {
  const question = {
    entry: "1",
    to: "user:ann",
    chat: "direct",
    sender: { id: "ann", author: "person" },
    text: "hi",
  } as const;
  const { cores } = await run(t, () => []);
  cores.pumped.push({ kind: "askAccess", question });
  const decided = cores.next("accessDecided");
  cores.wake();
  assert.deepEqual(await decided, { kind: "accessDecided", entry: "1", access: { ruling: "allowed" } });
});

test("what the gateway says about a turn and its replies is on the message's path, without a write of its own", async (t) => {
  const path = storePath(t);
  const { host, drive } = await run(
    t,
    (input) => {
      if (input.kind === "started") return [{ kind: "commit", commit: 1, entries: [entry("1")], notes: [] }];
      if (input.kind === "committed") return [{ kind: "startTurn", turn: turn("1") }];
      if (input.kind === "turnAdopted") {
        return [{ kind: "resolve", entries: ["1"], outcome: { verdict: "answer", reason: "direct" }, turn: "1" }];
      }
      if (input.kind !== "sendAsked") return [];
      const { request, ofTurn = "" } = input;
      return [
        { kind: "assignSend", request, turn: ofTurn },
        { kind: "settleSend", request, messageIds: ["90"] },
      ];
    },
    Store.open(path),
  );
  const reports = host.turns[0]?.reports;
  assert.equal(readPath(path, "last")?.turn, null, "not written before there is a reason to write");
  reports?.deferred();
  reports?.adopted();
  assert.ok(readPath(path, "last")?.turn?.deferredAt);
  await drive.send("user:ann", "hi", { ofTurn: "1" });
  reports?.ended();
  drive.close();
  reports?.ended("said after the account was stopped");
  const found = readPath(path, "last")?.turn;
  assert.ok(found?.offeredAt && found.adoptedAt && found.endedAt);
  assert.deepEqual([found.error, found.sends.map(({ messageIds }) => messageIds)], [null, [["90"]]]);
});

test("what follows from a fact runs where the account began, not in the scope of the work that told it", async (t) => {
  const scope = new AsyncLocalStorage<string>();
  const { host, drive } = await run(t, (input) => (input.kind === "typingAsked" ? [log("typing")] : []));
  const seen: (string | undefined)[] = [];
  host.log = () => void seen.push(scope.getStore());
  scope.run("a turn of the gateway", () => drive.type("user:ann"));
  assert.deepEqual(seen, [undefined]);
});
