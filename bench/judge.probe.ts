// What it takes to judge a message and to put it where it waits or is remembered, in an account that talks in many
// places. As the plugin does it, from the host's word about its sender to the orders in JavaScript; the same with the
// commit before it, by which the host is asked; and inside of the core alone, by the build with faults.
// Usage: judge.probe.ts <places>

import type { OpenCore } from "../js/core/account.ts";
import { openWasmCore } from "../js/core/load.ts";
import { find } from "../tests/js/wukong-peer.ts";
import { Panels } from "./panels.ts";

const MESSAGES = 4_000;
/** Enough for the compiler to have seen everything. */
const WARM_UP = 1_000;
/** Messages that wait for the host's word while another one is judged: a busy host, or a page of what was missed. */
const BEHIND = 1_000;
/** Messages in a round inside of the core: few enough that the machine seldom does something else meanwhile. */
const ROUND = 100;

const [places = 1_000] = process.argv.slice(2).map(Number);
const faults: { openWasmCore: OpenCore } = await import(new URL("../target/faults/dist/core.js", import.meta.url).href);
const fates = [
  { name: "judged and batched", mentions: true },
  { name: "judged and remembered", mentions: false },
];

using panels = await Panels.open(openWasmCore, places);
using inside = await Panels.open(faults.openWasmCore, places, false);
for (const { name, mentions } of fates) {
  const at = `${name}, ${places} places`;
  const { judging, asking } = measure(mentions, 0);
  print(judging, at);
  print(asking, `${at}, commit and question included`);
  print(measure(mentions, BEHIND).judging, `${at}, ${BEHIND} others waiting for the host`);
  print(alone(inside, mentions), `${at}, inside of the core`);
}

/** Each message from its commit on, while so many others are behind it. */
function measure(mentions: boolean, behind: number): { judging: number[]; asking: number[] } {
  const asked: { entry: string; took: number }[] = [];
  const [judging, asking]: [number[], number[]] = [[], []];
  for (let number = -WARM_UP - behind; number < MESSAGES; number += 1) {
    const order = panels.say(mentions);
    const { result: question, took } = timed(() => panels.commit(order));
    asked.push({ entry: find(question, "askAccess")?.question.entry ?? "", took });
    const next = asked.length > behind ? asked.shift() : undefined;
    if (!next) continue;
    const { result: step, took: judged } = timed(() => panels.allow(next.entry));
    const { outcome, until } = find(step, "judged") ?? {};
    if (outcome?.verdict !== (mentions ? "answer" : "remember")) throw new Error(`${outcome?.verdict} is wrong`);
    if ((until !== undefined) !== mentions) throw new Error("what is batched has a deadline, and nothing else");
    if (number < 0) continue;
    judging.push(judged);
    asking.push(judged + next.took);
  }
  for (const { entry } of asked) panels.allow(entry);
  return { judging, asking };
}

/** Rounds of messages inside of the core, once all panels have some; what each message of a round took. */
function alone(core: Panels, mentions: boolean): number[] {
  const full = 8 * places;
  core.judgeEach(mentions, 0, full);
  return Array.from({ length: MESSAGES / ROUND }, (_, round) => {
    const start = full + round * ROUND;
    const { result: judged, took } = timed(() => core.judgeEach(mentions, start, start + ROUND));
    if (judged !== ROUND) throw new Error(`${judged} messages were judged, not ${ROUND}`);
    return took / ROUND;
  });
}

/** Microseconds. */
function timed<T>(work: () => T): { result: T; took: number } {
  const start = performance.now();
  const result = work();
  return { result, took: (performance.now() - start) * 1_000 };
}

function print(times: number[], name: string): void {
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  console.log(`${median} µs, ${name}`);
}
