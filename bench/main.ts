// What the plugin costs: each figure is the median of several fresh processes, since caches and compilers warm up.
// Usage: main.ts [<a word of the probe's name>]

import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FAULTS } from "../tests/fleet/faults.ts";

const PROCESSES = 7;
/** Each of these takes half a minute. */
const PROCESSES_OF_A_BURST = 3;

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const BURST = "./burst.probe.ts";
/** Takes its medians itself, over pairs of rounds. */
const ISOLATION = "./isolation.probe.ts";

/** Starts the host twice. */
const INSTALL = "./install.probe.ts";
/** Starts it five times, and a gateway. */
const NEWCOMER = "./newcomer.probe.ts";

const RUNS: Readonly<Record<string, number>> = {
  [BURST]: PROCESSES_OF_A_BURST,
  [INSTALL]: PROCESSES_OF_A_BURST,
  [NEWCOMER]: PROCESSES_OF_A_BURST,
  [ISOLATION]: 1,
};

/** Runs a probe in fresh processes; it prints a number and its name on each line. */
function medians([probe = "", ...args]: string[]): [name: string, value: number][] {
  const values = new Map<string, number[]>();
  const runs = RUNS[probe] ?? PROCESSES;
  for (let run = 0; run < runs; run += 1) {
    const output = execFileSync(process.execPath, ["--expose-gc", path(probe), ...args], { encoding: "utf8" });
    for (const [, value, name = ""] of output.matchAll(/^(\S+) (.+)$/gm)) {
      values.set(name, [...(values.get(name) ?? []), Number(value)]);
    }
  }
  return [...values].map(([name, all]) => [name, median(all)]);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Bytes of a payload, packets in a WebSocket message, packets in all in all. */
const PACKETS = [
  [200, 1, 20_000],
  [200, 16, 20_000],
  [2_000, 1, 20_000],
  [2_000, 16, 20_000],
  [20_000, 1, 4_000],
  [20_000, 16, 4_000],
];

/** The same without what is written down. */
const ROUTES = [
  [200, 1, 100_000],
  [2_000, 1, 20_000],
  [20_000, 1, 2_000],
];

/** Places in which an account talks. */
const PLACES = [10, 1_000, 10_000];

/** Groups, messages, bytes of a payload. */
const BURSTS = [
  [1, 50_000, 200],
  [500, 50_000, 200],
  [500, 50_000, 2_000],
];

/** Megabytes, the most that a server takes. */
const UPLOAD = 100;

/** As many as an account's store remembers. */
const OUTCOMES = 20_000;

/** Pairs of rounds, and the seconds of a round. */
const PAIRS = [7, 8];
/** In a round of an account that is as broken as can be; otherwise it traps once. */
const TRAPS = 8;

const [only = ""] = process.argv.slice(2);
const probes = [
  ["./instances.probe.ts"],
  ...ROUTES.map((numbers) => ["./route.probe.ts", ...numbers.map(String)]),
  ...PLACES.map((places) => ["./judge.probe.ts", String(places)]),
  ...PACKETS.map((numbers) => ["./packets.probe.ts", ...numbers.map(String)]),
  ...BURSTS.map((numbers) => [BURST, ...numbers.map(String)]),
  ["./upload.probe.ts", String(UPLOAD)],
  ["./why.probe.ts", String(OUTCOMES)],
  ...FAULTS.map((fault) => [ISOLATION, ...PAIRS.map(String), fault]),
  [ISOLATION, ...PAIRS.map(String), "trap", String(TRAPS)],
];
// The bundle needs the host beside it; without js/index.ts there is none yet.
if (existsSync(path("../dist/index.js"))) probes.unshift(["./import.probe.ts"]);
if (existsSync(path("../.cache/pack/release.tgz"))) probes.push([INSTALL], [NEWCOMER]);

console.log(`Node ${process.version}, medians of ${PROCESSES} processes, of a burst of ${PROCESSES_OF_A_BURST}`);
for (const probe of probes.filter(([file = ""]) => file.includes(only))) {
  for (const [name, value] of medians(probe))
    console.log(`${value.toFixed(value < 1000 ? 1 : 0).padStart(10)}  ${name}`);
}
console.log(`${(statSync(path("../js/core/core.wasm")).size / 1024).toFixed(1).padStart(10)}  KB, wasm module`);
