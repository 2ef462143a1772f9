/** After the scripted part a person may go on: pick a room, be somebody, write. */

import { createInterface } from "node:readline/promises";
import type { Sandbox } from "../index.ts";
import { play, say } from "./scenario.ts";
import type { Room, Transcript } from "./transcript.ts";

const HELP =
  "/1 … /7 picks a room, /as ann|bob|chen is somebody, @claw @scout @Reviewer @Helper call a bot, /scenes plays a short " +
  "conversation, /quit ends";

/** What a person types for a bot, and how each platform calls it. */
const bots: Readonly<Record<string, { on: Room["on"]; id: string }>> = {
  "@claw": { on: "mochat", id: "claw" },
  "@scout": { on: "mochat", id: "scout" },
  "@Reviewer": { on: "dmwork", id: "reviewer_bot" },
  "@Helper": { on: "dmwork", id: "helper_bot" },
};

/** Reads lines until `/quit`, the end of input on a terminal, or the signal. */
export async function converse(sandbox: Sandbox, transcript: Transcript, signal: AbortSignal): Promise<void> {
  let [room] = transcript.rooms;
  let from = "ann";
  transcript.heading("Your turn");
  for (const [index, { title }] of transcript.rooms.entries()) transcript.note(`/${index + 1}  ${title}`);
  transcript.note(`${HELP}. Ctrl-C ends everything.`);
  const lines = createInterface({ input: process.stdin, terminal: false });
  signal.addEventListener("abort", () => lines.close(), { once: true });
  for await (const line of lines) {
    const text = line.trim();
    if (text === "/quit") return;
    if (text === "/scenes") {
      await play(sandbox, transcript, signal);
      continue;
    }
    const picked = transcript.rooms[Number(/^\/(\d)$/.exec(text)?.[1] ?? 0) - 1];
    if (picked !== undefined) {
      room = picked;
      transcript.note(`${from} in ${picked.title}`);
    } else if (text.startsWith("/as ")) {
      from = text.slice(4).trim();
      transcript.note(`you are ${from}`);
    } else if (text.startsWith("/")) {
      transcript.note(HELP);
    } else if (text !== "" && room !== undefined) {
      speak(sandbox, transcript, room, from, text);
    }
  }
  // Without a terminal the input ends at once; the servers stay for whoever uses their control API.
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function speak(sandbox: Sandbox, transcript: Transcript, room: Room, from: string, text: string): void {
  const called = Object.entries(bots).filter(([name, bot]) => bot.on === room.on && text.includes(name));
  // The Mochat client replaces the name by its markup; DMWork's keeps it in the text.
  const rest = room.on === "mochat" ? called.reduce((left, [name]) => left.replace(name, "").trim(), text) : text;
  try {
    say(
      sandbox,
      transcript,
      room,
      from,
      rest,
      called.map(([, bot]) => bot.id),
    );
  } catch (error) {
    transcript.note(`not said: ${error instanceof Error ? error.message : String(error)}`);
  }
}
