/** The comparison as Markdown, which is what the console shows as well. */

import type { Comparison, Figure } from "./results.ts";

const rate = (value: number): string => Math.round(value).toLocaleString("en-US");
const times = ({ lead }: Figure): string => `${lead.toFixed(lead < 10 ? 2 : 1)} ×`;

export function tables({ sizes, rows, handshakes }: Comparison): string {
  const packets = [true, false].map((verifies) =>
    table(
      [verifies ? "message keys verified" : "not verified", ...sizes.flatMap((size) => [size, "we lead"])],
      rows
        .filter((row) => row.verifies === verifies)
        .map(({ name, figures }) => [name, ...figures.flatMap((figure) => [rate(figure.value), times(figure)])]),
    ),
  );
  const agreed = table(
    ["key agreement", "µs", "we lead"],
    handshakes.map(({ name, figure }) => [name, figure.value.toFixed(0), times(figure)]),
  );
  return [...packets, agreed].join("\n\n");
}

/** The first column is text, the others are numbers. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 4));
  const pad = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [head.map(pad), rule, ...rows.map((row) => row.map(pad))].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
