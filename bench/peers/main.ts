// Clients side by side: this plugin, the platform's own SDK, and plain clients, on the same messages. Shows a table, and
// writes it and a chart to docs/.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { chart } from "./chart.ts";
import { compare, type HandshakeRun, type PacketRun } from "./results.ts";
import { tables } from "./table.ts";

const SIZES: [name: string, bytes: number][] = [
  ["200 B", 200],
  ["2 KB", 2_000],
  ["20 KB", 20_000],
];
const DOC = new URL("../../docs/BENCHMARKS.md", import.meta.url);
const CHART = new URL("../../docs/benchmarks-peers.svg", import.meta.url);
/** Around what this program writes into the page. */
const [BEGIN, END] = ["<!-- peers: written by `npm run bench:peers` -->", "<!-- peers end -->"];

const runs = SIZES.map(([name, bytes]): [string, PacketRun] => {
  console.log(`packets with a payload of ${name} …`);
  const run: PacketRun = JSON.parse(probe("packets.probe.ts", String(bytes)));
  return [name, run];
});
console.log("key agreement …\n");
const handshakes: HandshakeRun = JSON.parse(probe("handshake.probe.ts"));
const comparison = compare(runs, handshakes);

const shown = tables(comparison);
console.log(shown);
writeFileSync(CHART, chart(comparison));
const [before, behind] = [cut(0), cut(1)];
const page = `${before}${BEGIN}\n\n${shown}\n\n${END}${behind}`;
writeFileSync(DOC, await format(page, { parser: "markdown", printWidth: 120 }));

/** Runs in a process of its own, so that nothing that was measured before is in the way. */
function probe(file: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return execFileSync(process.execPath, ["--expose-gc", path, ...args], { encoding: "utf8" });
}

/** The page before what is written, or behind it. */
function cut(side: 0 | 1): string {
  const part = readFileSync(DOC, "utf8").split(side === 0 ? BEGIN : END)[side];
  if (part === undefined) throw new Error(`docs/BENCHMARKS.md lost its line ${side === 0 ? BEGIN : END}`);
  return part;
}
