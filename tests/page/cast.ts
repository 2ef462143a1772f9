/** Who and what stories about the page tell of, in the protocol's types. */

import type { ChatMessage, Setting, State, Trace } from "../../sandbox/playground/protocol.ts";

const people = ["ann", "bob", "sales_ann"];

export function stateOf(more: Partial<State> = {}): State {
  return {
    people: [
      { id: "ann", name: "Ann Lee", isOwner: true },
      { id: "bob", name: "Bob", isOwner: false },
      { id: "sales_ann", name: "Ann from Sales", isOwner: false },
    ],
    bots: [
      { ...online, id: "claw", name: "claw", platform: "mochat", userId: "m1" },
      { ...online, id: "reviewer", name: "Reviewer", platform: "dmwork", userId: "reviewer_bot" },
      { ...online, id: "helper", name: "Helper", platform: "dmwork", userId: "helper_bot" },
    ],
    rooms: [
      { ...place, id: "panel", platform: "mochat", kind: "panel", title: "#build", people, bots: ["claw"] },
      {
        ...place,
        id: "dm",
        platform: "dmwork",
        kind: "direct",
        title: "Reviewer",
        people: ["ann"],
        bots: ["reviewer"],
      },
      {
        id: "crew",
        platform: "dmwork",
        kind: "group",
        title: "release crew",
        people,
        bots: ["reviewer", "helper"],
        hasRules: true,
        canCallAll: true,
      },
    ],
    settings: [requireMention("reviewer", true), replyDelay(4_000)],
    gateway: { state: "ready", pid: 4242, since: Date.now(), note: null },
    counters: { said: 0, heard: 0, owed: 0, answered: 0, waiting: 0, lost: 0, twice: 0, blemishes: [] },
    thousand: { isRunning: false, said: 0, of: 1_000 },
    model: { isScripted: true, url: null, name: "scripted" },
    cut: [],
    messages: [],
    traces: [],
    wire: [],
    ...more,
  };
}

const online = { isConnected: true, firstConnectedAt: 0 } as const;
const place = { hasRules: false, canCallAll: false } as const;

export function requireMention(bot: string, value: boolean | null): Setting {
  return {
    bot,
    key: "groups.crew.requireMention",
    room: "crew",
    value,
    from: value === null ? "default" : "account",
    kind: "switch",
    choices: [],
    least: null,
    most: null,
    about: "Whether messages here need a mention.",
  };
}

function replyDelay(value: number): Setting {
  const common = { bot: "claw", room: null, from: "account", choices: [], least: 0, most: null } as const;
  return { ...common, key: "replyDelayMs", value, kind: "number", about: "Quiet milliseconds before an answer." };
}

let count = 0;

export function message(room: string, from: string, text: string, more: Partial<ChatMessage> = {}): ChatMessage {
  count += 1;
  const none = { mentions: [], quote: null, file: null, isRecalled: false, isEdited: false };
  return { id: `${1_000 + count}`, room, from, text, at: Date.now(), ...none, ...more };
}

/** A trace of a message that was received and committed just now; `path` tells what happened since. */
export function trace(
  of: ChatMessage,
  bot: string,
  path: Partial<Trace["path"]> = {},
  more: Partial<Trace> = {},
): Trace {
  return {
    bot,
    room: of.room,
    path: {
      id: of.id,
      place: `group:${of.room}`,
      standing: "open",
      verdict: null,
      reason: null,
      detail: null,
      receivedAt: of.at + 5,
      committedAt: of.at + 7,
      repeats: 0,
      repeatedAt: null,
      judgedAt: null,
      waitUntil: null,
      waitedUntil: null,
      closedAt: null,
      replayedAt: null,
      turn: null,
      ...path,
    },
    sentence: null,
    fix: null,
    configKey: null,
    settings: [],
    isOver: false,
    ...more,
  };
}

/** Kept as context, because nobody called the bot. */
export function notMentioned(of: ChatMessage, bot: string): Trace {
  const path = { verdict: "remember", reason: "not-mentioned", standing: "kept", judgedAt: of.at + 12 };
  return trace(of, bot, path, {
    sentence: "This place needs a mention; the message is kept as context.",
    fix: "Mention the bot, or set `requireMention: false` for this place.",
    configKey: "groups.<id>.requireMention",
    settings: ["groups.crew.requireMention"],
    isOver: true,
  });
}

/** Answered by the message of this id. */
export function answered(of: ChatMessage, bot: string, reply: string): Trace {
  const turn = {
    id: of.id,
    messages: 1,
    offers: 1,
    offeredAt: of.at + 15,
    deferredAt: null,
    adoptedAt: of.at + 120,
    endedAt: of.at + 900,
    error: null,
    sends: [{ at: of.at + 850, messageIds: [reply] }],
  };
  const path = {
    verdict: "answer",
    reason: "direct",
    standing: "done",
    judgedAt: of.at + 12,
    closedAt: of.at + 900,
    turn,
  };
  return trace(of, bot, path, { sentence: "A direct message is always answered.", isOver: true });
}
