// What nineteen accounts notice of a broken one in their process: how long each message takes from its server to the
// agent's turn, and to the reply that the server has taken. Rounds with twenty healthy accounts and rounds with one broken
// one take turns, each with a process, stores and servers of its own, so that whatever else the machine does meets both.
// Usage: isolation.probe.ts <rounds> <seconds of a round> [<fault> [<traps in a round>]]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSandbox } from "../sandbox/index.ts";
import { broken, crowd, type Member } from "../tests/fleet/crowd.ts";
import { FAULTS, slowWay, TRAP, type Fault } from "../tests/fleet/faults.ts";
import { Fleet } from "../tests/fleet/fleet.ts";
import { moment } from "../tests/fleet/messages.ts";

const ACCOUNTS = 20;
/** Between two messages to one account. */
const EVERY_MS = 200;
/** Afterwards everything is compiled, and the broken account has shown what is wrong with it. */
const WARM_UP_MS = 4_000;
/** For replies that are still on their way at the end of a round. */
const AFTERWARDS_MS = 30_000;

/** Texts that were said, so that no two are alike. */
let spoken = 0;

/** Milliseconds of every message of the healthy accounts. */
type Round = { turns: number[]; replies: number[] };

const [rounds = "5", seconds = "10", only, trapsInRound = "1"] = process.argv.slice(2);
for (const fault of FAULTS.filter((name) => only === undefined || name === only)) {
  const pairs: [well: Round, sick: Round][] = [];
  for (let count = 1; count <= Number(rounds); count += 1) pairs.push([await round(undefined), await round(fault)]);
  const named = fault === "trap" ? `${fault}, ${trapsInRound} in ${seconds} s` : fault;
  tell(named, "turn", pairs, ({ turns }) => turns);
  tell(named, "reply", pairs, ({ replies }) => replies);
}

async function round(fault: Fault | undefined): Promise<Round> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const folder = mkdtempSync(join(tmpdir(), "isolation-"));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const slow = stack.use(await slowWay(sandbox.urls.dmwork));
  const [first, ...neighbors] = crowd(sandbox, folder, ACCOUNTS);
  if (first === undefined) throw new Error("there are no accounts");
  const members = [fault === undefined ? first : broken(first, fault, slow.url), ...neighbors];

  const measured: Round = { turns: [], replies: [] };
  /** When the healthy accounts were told what is measured. */
  const saidAt = new Map<string, number>();
  const note = (figures: number[], question: string) => {
    const at = saidAt.get(question);
    if (at !== undefined) figures.push(moment() - at);
  };
  sandbox.ledger.keep = (_kind, name, data) => {
    const [, question] = name.endsWith("/send") || name.endsWith("/sendMessage") ? answered(data) : [];
    if (question !== undefined) note(measured.replies, question);
    return false;
  };
  const plans = members.map(({ plan }) => plan);
  const fleet = stack.use(
    await Fleet.open(plans, (report) => {
      const at = report.kind === "turn" ? saidAt.get(report.text) : undefined;
      if (report.kind === "turn" && at !== undefined) measured.turns.push(report.at - at);
    }),
  );
  while (!neighbors.every(({ plan }) => fleet.isReady(plan.accountId))) await pause(20);
  const traps = fault === "trap" ? Number(trapsInRound) : 0;
  await talk(members, WARM_UP_MS, Math.min(traps, 1), () => undefined);
  await talk(members, Number(seconds) * 1_000, traps, (member, text) => {
    if (neighbors.includes(member)) saidAt.set(text, moment());
  });
  const end = moment();
  while (measured.replies.length < saidAt.size && moment() - end < AFTERWARDS_MS) await pause(20);
  for (const { length } of Object.values(measured)) {
    if (length !== saidAt.size) throw new Error(`${fault}: ${length} of ${saidAt.size} messages went through once`);
  }
  return measured;
}

function answered(data: object): readonly (string | undefined)[] {
  return "request" in data ? (/re (a\d+#\d+)/.exec(JSON.stringify(data.request)) ?? []) : [];
}

/** Everybody is written to in turn; of each text it is told before it is said. The first one's core traps so many times. */
async function talk(
  members: readonly Member[],
  ms: number,
  traps: number,
  before: (member: Member, text: string) => void,
): Promise<void> {
  const begun = moment();
  const trapEvery = Math.ceil(ms / EVERY_MS / traps);
  for (let turn = 0; turn * EVERY_MS < ms; turn += 1) {
    for (const [index, member] of members.entries()) {
      const ahead = begun + (turn + index / members.length) * EVERY_MS - moment();
      if (ahead > 1) await pause(ahead);
      spoken += 1;
      const text = `${member.plan.accountId}#${spoken}`;
      before(member, text);
      member.say(text);
      if (index === 0 && turn % trapEvery === Math.floor(trapEvery / 2)) member.say(TRAP);
    }
  }
}

function tell(fault: string, what: string, pairs: [Round, Round][], of: (round: Round) => number[]): void {
  const p99s = pairs.map((pair) => pair.map((one) => quantile(of(one), 0.99)));
  const [well = [], sick = []] = [0, 1].map((side) => p99s.map((pair) => pair[side] ?? Number.NaN));
  const ratios = well.map((figure, index) => (100 * (sick[index] ?? Number.NaN)) / figure);
  console.log(`${quantile(well, 0.5)} ms until the ${what}, p99 of 20 healthy accounts (beside: ${fault})`);
  console.log(`${quantile(sick, 0.5)} ms until the ${what}, p99 of 19 beside one with: ${fault}`);
  console.log(`${quantile(ratios, 0.5)} % of it, median of ${pairs.length} pairs, until the ${what}: ${fault}`);
}

function quantile(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
