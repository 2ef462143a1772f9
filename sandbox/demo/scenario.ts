/** The conversation that the demo plays, and what the scripted model answers in it. */

import type { Sandbox } from "../index.ts";
import type { LedgerFilter } from "../ledger.ts";
import type { Rule } from "../model-script.ts";
import type { Room, Transcript } from "./transcript.ts";

/** Cold first turns of a gateway take ten seconds. */
const ANSWER_MS = 120_000;

export const rules: readonly Rule[] = [
  // First: the context of this question holds the ones before, and the first rule that fits wins.
  { when: /everybody/i, reply: "Here." },
  {
    when: /are you there/i,
    reply: "Yes, and this gateway runs four bots: claw and scout on Mochat, Reviewer and Helper on DMWork.",
  },
  {
    when: /nightly build is red[^]*same here/i,
    reply: "I read all of it together: the nightly build is red for both of you. I will look at the last commit.",
  },
  { when: /scout[^]*second opinion|second opinion/i, reply: "Scout here. It is the clock: the test assumes UTC." },
  { when: /merge 42/i, reply: "Pull request 42 is fine. Merge it." },
  {
    when: /what did i miss[^]*|migration is done/i,
    reply: "While nobody asked me: the migration is done, and the old table can go.",
  },
  { when: /flaky/i, reply: "This thread is its own conversation. The flaky one is `clock_test`." },
  { when: /\S/, reply: ({ asked }) => `You said: ${saidLine(asked)}` },
];

/** The host describes the sender in a fenced block and puts context behind; between them stands what a person wrote. */
function saidLine(asked: string): string {
  const said = asked.replace(/^[^]*?```json[^]*?```\s*/, "");
  return said.split("\n").find((line) => line.trim() !== "") ?? asked;
}

interface Scene {
  readonly title: string;
  readonly room: number;
  readonly lines: readonly { from: string; text: string; mentions?: readonly string[] }[];
  /** What the ledger must show at the end. */
  readonly answers: readonly LedgerFilter[];
}

const REPLY = { kind: "http" } as const;
const SESSION = { ...REPLY, name: "POST /api/claw/sessions/send" } as const;
const PANEL = { ...REPLY, name: "POST /api/claw/groups/panels/send" } as const;
const DMWORK = { ...REPLY, name: "POST /v1/bot/sendMessage" } as const;

const scenes: readonly Scene[] = [
  {
    title: "A direct message is answered at once",
    room: 0,
    lines: [{ from: "ann", text: "Are you there?" }],
    answers: [{ ...SESSION, contains: "four bots" }],
  },
  {
    title: "Small talk in a panel waits for a quiet moment and is answered together",
    room: 2,
    lines: [
      { from: "ann", text: "The nightly build is red." },
      { from: "bob", text: "Same here." },
    ],
    answers: [{ ...PANEL, contains: "both of you" }],
  },
  {
    title: "A mention does not wait, and calls only the bot it names",
    room: 3,
    lines: [{ from: "bob", text: "a second opinion, please", mentions: ["scout"] }],
    answers: [{ ...PANEL, contains: "Scout here" }],
  },
  {
    title: "The same gateway on DMWork",
    room: 4,
    lines: [{ from: "bob", text: "Can I merge 42?" }],
    answers: [{ ...DMWORK, contains: "Merge it" }],
  },
  {
    title: "In a group the bot listens, and answers when it is called",
    room: 5,
    lines: [
      { from: "ann", text: "The migration is done, the old table can go." },
      { from: "bob", text: "@Reviewer what did I miss?", mentions: ["reviewer_bot"] },
    ],
    answers: [{ ...DMWORK, contains: "migration is done" }],
  },
  {
    title: "A thread is its own conversation",
    room: 6,
    lines: [{ from: "ann", text: "@Helper which one is flaky?", mentions: ["helper_bot"] }],
    answers: [{ ...DMWORK, who: "helper_bot", contains: "____" }],
  },
  {
    title: "Two bots are called, two bots answer",
    room: 5,
    lines: [{ from: "ann", text: "@Reviewer @Helper is everybody here?", mentions: ["reviewer_bot", "helper_bot"] }],
    answers: [
      { ...DMWORK, who: "reviewer_bot", contains: "Here." },
      { ...DMWORK, who: "helper_bot", contains: "Here." },
    ],
  },
];

/** Plays all scenes; rejects if an answer stays away. */
export async function play(sandbox: Sandbox, transcript: Transcript, signal: AbortSignal): Promise<void> {
  await connected(sandbox, transcript);
  transcript.restart();
  for (const { title, room, lines, answers } of scenes) {
    signal.throwIfAborted();
    const place = transcript.rooms[room];
    if (place === undefined) throw new Error(`no room ${room}`);
    transcript.heading(`${place.title} — ${title}`);
    const since = sandbox.ledger.last;
    for (const { from, text, mentions } of lines) say(sandbox, transcript, place, from, text, mentions);
    const waits = answers.map((answer) => sandbox.control.wait(answer, { since, deadlineMs: ANSWER_MS }));
    await Promise.race([Promise.all(waits), aborted(signal)]);
  }
  transcript.heading(`All ${scenes.length} scenes were answered.`);
}

/** Somebody writes in a room, and it shows in the transcript. */
export function say(
  { control }: Sandbox,
  transcript: Transcript,
  room: Room,
  from: string,
  text: string,
  mentions: readonly string[] = [],
): void {
  transcript.said(from, text);
  if (room.on === "mochat") control.say({ on: "mochat", from, text, mentions, ...room.at });
  else control.say({ on: "dmwork", from, text, ...(mentions.length > 0 ? { mention: mentions } : {}), ...room.at });
}

/** All four bots are online. */
async function connected({ control, world }: Sandbox, transcript: Transcript): Promise<void> {
  const bots = ["reviewer_bot", "helper_bot"].map((who) => ({ kind: "connect" as const, who }));
  const agents = Object.values(world.mochat.agents).map(({ userId: who }) => ({
    kind: "received" as const,
    who,
    name: "com.claw.im.subscribePanels",
  }));
  await Promise.all([...bots, ...agents].map((wanted) => control.wait(wanted, { deadlineMs: ANSWER_MS })));
  transcript.note("two Mochat agents and two DMWork bots are online");
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
  });
}
