/** The comparison as a picture: a panel for each size, a pair of bars for each client, on one logarithmic scale. */

import type { Comparison, Row } from "./results.ts";

const WIDTH = 820;
/** Room for the names of clients, and for the figure behind the longest bar. */
const [LEFT, RIGHT] = [230, 90];
const [TOP, BAR, GAP, TITLE, AXIS] = [64, 9, 9, 30, 34];

/** Colors that keep their contrast on white and on black; text follows the reader's scheme. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .quiet { fill: #57606a; font-size: 11px }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .ours { fill: #0969da } .peer { fill: #8c959f } .unverified { opacity: .45 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #8d96a0 } .grid { stroke: #30363d }
    .ours { fill: #4493f8 } .peer { fill: #7d8590 }
  }`;

export function chart({ sizes, rows }: Comparison): string {
  const clients = [...new Set(rows.map(({ name }) => name))];
  const ours = rows[0]?.name ?? "";
  const values = rows.flatMap(({ figures }) => figures.map(({ value }) => value));
  const decades = scale(Math.min(...values), Math.max(...values));
  const panel = TITLE + clients.length * (2 * BAR + GAP);
  const height = TOP + sizes.length * panel + AXIS;

  const grid = decades.lines.map((line) => {
    const x = round(decades.x(line));
    const label = text(x, height - 14, line.toLocaleString("en-US"), "quiet", "middle");
    return `<line class="grid" x1="${x}" y1="${TOP}" x2="${x}" y2="${height - AXIS + 4}"/>${label}`;
  });
  const panels = sizes.map((size, column) => {
    const top = TOP + column * panel;
    const bars = clients.map((client, index) => {
      const y = top + TITLE + index * (2 * BAR + GAP);
      const pair = [true, false].map((verifies, half) => {
        const row = rows.find(({ name, verifies: does }) => name === client && does === verifies);
        return bar(row, column, y + half * BAR);
      });
      return text(LEFT - 10, y + BAR + 4, client, "", "end") + pair.join("");
    });
    return text(0, top + TITLE - 10, `payload of ${size}`, "title", "start") + bars.join("\n");
  });

  function bar(row: Row | undefined, column: number, y: number): string {
    const figure = row?.figures[column];
    if (!row || !figure) return "";
    const end = decades.x(figure.value);
    const kind = row.name.startsWith(ours) ? "ours" : "peer";
    const rect = `<rect class="${kind} ${row.verifies ? "" : "unverified"}" x="${LEFT}" y="${y}" width="${round(end - LEFT)}" height="${BAR - 1}"/>`;
    return rect + text(round(end) + 5, y + BAR - 1, Math.round(figure.value).toLocaleString("en-US"), "quiet", "start");
  }

  const heading = [
    text(0, 18, "Received packets per second on one core, logarithmic scale", "title", "start"),
    text(0, 40, "full: message keys verified · pale: not verified", "quiet", "start"),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>Received packets per second, by client and size of the payload</title>`,
    `<style>${STYLE}\n</style>`,
    ...heading,
    ...grid,
    ...panels,
    `</svg>\n`,
  ].join("\n");
}

/** Whole decades around what there is to show. */
function scale(least: number, most: number): { x: (value: number) => number; lines: number[] } {
  const first = Math.floor(Math.log10(least));
  const span = Math.log10(most) - first;
  return {
    x: (value) => LEFT + ((Math.log10(value) - first) / span) * (WIDTH - LEFT - RIGHT),
    lines: Array.from({ length: Math.floor(span) + 1 }, (_, n) => 10 ** (first + n)),
  };
}

function text(x: number, y: number, content: string, kind: string, anchor: string): string {
  return `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
