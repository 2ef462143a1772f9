/** docs/MIGRATE.md has the tables by which the command works. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DMWORK } from "../../js/cli/migrate/dmwork.ts";
import { MOCHAT } from "../../js/cli/migrate/mochat.ts";
import { NANOBOT } from "../../js/cli/migrate/nanobot.ts";
import { RETIRED } from "../../js/core/retired.ts";

const text = readFileSync(new URL("../../docs/MIGRATE.md", import.meta.url), "utf8");

/** The rows of the table below a heading, cell by cell. */
function tableOf(name: string): string[][] {
  const [, section = ""] = text.split(new RegExp(`^## From \`?${name}\`?$`, "m"));
  const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
  const cells = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.slice(2);
}

function code(keys: string): string {
  return keys.replaceAll(/[^, ]+/g, "`$&`");
}

test("each key of an older plugin is a row, with what the command does", () => {
  for (const { name, rows } of [MOCHAT, NANOBOT, DMWORK]) {
    const expected = rows.map(({ old, now, note }) => [code(old), now === undefined ? "none" : code(now), note]);
    assert.deepEqual(tableOf(name), expected, name);
  }
});

test("whatever has no effect is taken out", () => {
  for (const [old, channel] of [
    [MOCHAT, "mochat"],
    [DMWORK, "dmwork"],
  ] as const) {
    const gone = old.rows.filter(({ now }) => now === undefined).map((row) => row.old);
    assert.deepEqual(gone.toSorted(), Object.keys(RETIRED[channel]).toSorted());
  }
});
