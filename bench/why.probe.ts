// What `openclaw dmwork why` takes to find and tell the path of a message in a store of so many outcomes, without the start of
// the command. Usage: why.probe.ts <outcomes>

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inWords } from "../js/cli/report.ts";
import { readPath, type Wanted } from "../js/io/lookup.ts";
import { Store } from "../js/io/store.ts";

const ANSWERED = { verdict: "answer", reason: "direct" } as const;
const BATCH = 100;

const outcomes = Number(process.argv[2] ?? 20_000);
const folder = mkdtempSync(join(tmpdir(), "why-"));
try {
  const file = join(folder, "helper.sqlite");
  fill(file);
  tell("the last of", file, "last");
  tell("one among", file, { id: String(Math.floor(outcomes / 2)) });
} finally {
  rmSync(folder, { recursive: true });
}

/** Messages that were each answered by a reply of their own. */
function fill(file: string): void {
  const start = Date.now();
  using store = Store.open(file);
  for (let first = 0; first < outcomes; first += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, outcomes - first) }, (_, index) => String(first + index));
    store.commit({
      entries: ids.map((id) => ({ id, place: "user:ann", record: "{}", receivedAt: start })),
      notes: [],
    });
    for (const id of ids) {
      store.note([
        { kind: "judged", entry: id, outcome: ANSWERED, at: start },
        { kind: "offered", turn: id, entries: [id], at: start },
        { kind: "adopted", turn: id, at: start },
        { kind: "sent", turn: id, messageIds: [`reply-${id}`], at: start },
        { kind: "ended", turn: id, at: start },
      ]);
      store.resolve([id], ANSWERED, { turn: id });
    }
  }
}

function tell(what: string, file: string, wanted: Wanted): void {
  const start = performance.now();
  const path = readPath(file, wanted);
  if (path === undefined) throw new Error(`${what} ${outcomes} outcomes was not found`);
  inWords("dmwork", { account: "helper", path });
  console.log(`${performance.now() - start} ms, why of ${what} ${outcomes} outcomes`);
}
