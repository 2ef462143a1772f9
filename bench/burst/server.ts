// The DMWork server of a burst, as a process of its own.
// Usage: server.ts <groups> <bytes of a payload>

import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { DmworkServer } from "../../sandbox/dmwork.ts";
import { Ledger } from "../../sandbox/ledger.ts";
import { StorageServer } from "../../sandbox/storage.ts";
import { content } from "../payload.ts";

/** What the server is asked, and what it answers. */
export type Request = { say: number } | { unacknowledged: true };
export type Reply = { apiUrl: string; botToken: string } | { said: number } | { unacknowledged: number };

const BOT = "burst_bot";
const PERSON = "0f3c61a8b2d94e5f8a7b6c5d4e3f2a1b";
/** Said before the socket gets its turn. */
const AT_ONCE = 200;

const [groups = 1, size = 200] = process.argv.slice(2).map(Number);
const ledger = new Ledger();
// Of a burst only the numbers count.
ledger.keep = () => false;
const storage = await StorageServer.open(ledger);
const server = await DmworkServer.open(ledger, storage);
server.addUser(PERSON);
const bot = server.addBot(BOT, PERSON);
const places = Array.from({ length: groups }, (_, n) => server.directory.addGroup(`group ${n}`, PERSON, [BOT]).groupNo);
let said = 0;

process.on("message", (request: Request) => {
  if ("say" in request) void say(request.say);
  else reply({ unacknowledged: server.hub.live(BOT).flatMap(({ resends }) => resends.unacked).length });
});
reply({ apiUrl: server.url, botToken: bot.token });

/** Says so many messages, one group after the other. Each begins with its number in its group, from 1. */
async function say(count: number): Promise<void> {
  for (const last = said + count; said < last; said += 1) {
    const group = places[said % places.length];
    const text = content(size, Math.floor(said / places.length) + 1);
    server.say({ from: PERSON, group, payload: { type: 1, content: text } });
    if (said % AT_ONCE === 0) await turnOfTheLoop();
  }
  reply({ said });
}

function reply(message: Reply): void {
  process.send?.(message);
}
