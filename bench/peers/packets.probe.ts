// All clients read the same messages, in turns, in one process. Prints one line of JSON: for each client the packets per
// second of each round.
// Usage: packets.probe.ts <bytes of a payload>

import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { ServerKey, SessionCipher } from "../../sandbox/wukong/cipher.ts";
import { newKeys, WukongPeer } from "../../tests/js/wukong-peer.ts";
import { openWasmCore } from "../../js/core/load.ts";
import { content, payload } from "../payload.ts";
import type { Contestant } from "./contestant.ts";
import { officialClients } from "./official.ts";
import { ourClients } from "./ours.ts";
import { plainClients } from "./plain.ts";

const ROUNDS = 15;
/** Long enough for the garbage of a client to be collected within its own turn. */
const TURN_MS = 120;

const [size = 200] = process.argv.slice(2).map(Number);
/** Different messages, delivered again and again; fewer large ones, for the sake of the slowest. */
const messages = Math.min(100, Math.ceil(400_000 / size));
const keys = newKeys();
const { key } = new SessionCipher(
  keys.server.sharedSecret(ServerKey.fromRaw(Buffer.from(keys.client)).publicBase64),
  keys.salt,
);

using writer = await WukongPeer.connect(openWasmCore, keys);
const packets = Array.from({ length: messages }, (_, n) => writer.recv(payload(size, n)));
const frames = (version: number): Buffer[] => packets.map((packet) => encodePacket(packet, version));

const contestants = [
  ...(await ourClients(keys)),
  ...(await officialClients(keys, key)),
  ...plainClients(key, keys.salt.slice(0, 16)),
].map((contestant) => ({ contestant, frames: frames(contestant.version), rates: new Array<number>() }));

for (const { contestant, frames: theirs } of contestants) check(contestant, theirs);
// The first round is for the compiler.
for (let round = -1; round < ROUNDS; round += 1) {
  for (const { contestant, frames: theirs, rates } of contestants) {
    globalThis.gc?.();
    const rate = turn(contestant, theirs);
    if (round >= 0) rates.push(rate);
  }
}
for (const { contestant, frames: theirs } of contestants) check(contestant, theirs);

const results = contestants.map(({ contestant: { name, verifies }, rates }) => ({ name, verifies, rates }));
console.log(JSON.stringify(results));
// Sockets and timers of the clients have nothing more to do.
process.exit();

/** Packets per second over one turn. */
function turn(contestant: Contestant, theirs: Buffer[]): number {
  let [count, took] = [0, 0];
  while (took < TURN_MS) {
    const start = performance.now();
    for (const frame of theirs) contestant.take(frame);
    took += performance.now() - start;
    count += theirs.length;
    contestant.settle();
  }
  return (count / took) * 1000;
}

/** Nobody wins by doing nothing: each reads the text that was sent, and acknowledges its message. */
function check(contestant: Contestant, theirs: Buffer[]): void {
  for (const [n, frame] of theirs.entries()) {
    contestant.take(frame);
    contestant.settle();
    const { text, acknowledged } = contestant.outcome();
    const wrong = text !== content(size, n) || (acknowledged ?? packets[n]?.messageId) !== packets[n]?.messageId;
    if (wrong) throw new Error(`${contestant.name} read message ${n} as ${text.slice(0, 80)}`);
  }
}
