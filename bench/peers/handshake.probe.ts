// All clients make key pairs and agree on keys, in turns. Prints one line of JSON: for each client the microseconds that
// one agreement takes, for each round.

import { newKeys } from "../../tests/js/wukong-peer.ts";
import { officialHandshake } from "./official.ts";
import { ourHandshake } from "./ours.ts";
import { nodeHandshake } from "./plain.ts";

const ROUNDS = 15;
const TIMES = 50;

const keys = newKeys();
const handshakes = [await ourHandshake(), await officialHandshake(), nodeHandshake];
const results = handshakes.map((handshake) => ({ handshake, micros: new Array<number>() }));
// The first rounds are for the compiler.
for (let round = -3; round < ROUNDS; round += 1) {
  for (const { handshake, micros } of results) {
    const start = performance.now();
    handshake.run(TIMES, keys);
    if (round >= 0) micros.push(((performance.now() - start) / TIMES) * 1000);
  }
}
console.log(JSON.stringify(results.map(({ handshake: { name }, micros }) => ({ name, micros }))));
process.exit();
