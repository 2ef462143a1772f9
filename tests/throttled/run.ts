/** Servers that refuse calls all the time: every reply must arrive once, and in order in its place. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HttpFault } from "../../sandbox/http-faults.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { Random } from "../../sandbox/random.ts";
import { Fleet } from "../fleet/fleet.ts";
import { moment } from "../fleet/messages.ts";
import { pair, PLATFORMS } from "../fleet/pair.ts";
import { Audit } from "../talk/audit.ts";
import { dmworkPlaces, mochatPlaces } from "../talk/places.ts";
import { Replies } from "../talk/replies.ts";
import { Speaker } from "../talk/speaker.ts";
import type { Plan } from "./plan.ts";

const TICK_MS = 50;
/** Replies that wait at most; more than people write while an answer is on its way. */
const BACKLOG = 200;
/** Time without a reply after which none is expected any more: longer than the longest wait for a busy server. */
const STALL_MS = 120_000;
const PROGRESS_MS = 5_000;

export type Outcome = {
  plan: Plan;
  audit: Audit;
  replies: Replies;
  /** Replies that were written, and why some failed. */
  written: number;
  failures: readonly string[];
  /** Calls that were refused, with and without a time to come back. */
  refusals: { timed: number; untimed: number };
  calls: number;
  seconds: number;
  errors: readonly string[];
};

export async function throttle(plan: Plan, progress: (line: string) => void = () => undefined): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "throttled-"));
  try {
    await using sandbox = await startSandbox();
    const random = new Random(plan.seed);
    const refusals = { timed: 0, untimed: 0 };
    let calls = 0;
    const refuse = (): HttpFault | undefined => {
      calls += 1;
      if (random.below(100) >= plan.refused) return undefined;
      const isTimed = random.below(2) === 0;
      refusals[isTimed ? "timed" : "untimed"] += 1;
      return { status: 429, ...(isTimed ? { retryAfterSeconds: 1 } : {}) };
    };
    const [audit, begun] = [new Audit(), moment()];
    const replies = new Replies(sandbox.ledger, /re \w+#\d+/);
    const speaker = new Speaker([...dmworkPlaces(sandbox), ...mochatPlaces(sandbox)], random);
    await using fleet = await Fleet.open(pair(sandbox, folder), (report) => {
      if (report.kind === "turn") audit.take(report);
    });
    // A refused handshake costs a pause of up to a minute, and a row of them is no run of replies.
    while (!PLATFORMS.every((platform) => fleet.isReady(platform)) && moment() - begun < STALL_MS) await pause(TICK_MS);
    for (const platform of PLATFORMS) sandbox[platform].faults.always = refuse;
    const isDone = () => replies.delivered.size + fleet.failures.length >= plan.replies;
    const talk = async () => {
      let [seen, since, shown] = [0, moment(), moment()];
      while (!PLATFORMS.every((platform) => fleet.isReady(platform)) || !isDone()) {
        await pause(TICK_MS);
        const waiting = speaker.turnsExpected - replies.delivered.size - fleet.failures.length;
        const isReady = PLATFORMS.every((platform) => fleet.isReady(platform));
        const most = isReady && speaker.turnsExpected < plan.replies && waiting < BACKLOG ? plan.rate / 20 : 0;
        for (let count = 0; count < most; count += 1) speaker.say();
        if (replies.delivered.size !== seen) [seen, since] = [replies.delivered.size, moment()];
        if (moment() - since > STALL_MS) throw new Error(`no reply for ${STALL_MS / 1_000} s; ${states(fleet)}`);
        if (moment() - shown < PROGRESS_MS) continue;
        shown = moment();
        progress(
          `${((shown - begun) / 1_000).toFixed(0).padStart(5)} s  ${seen} of ${plan.replies} replies delivered, ` +
            `${speaker.turnsExpected} questions, ${audit.turns} heard, ` +
            states(fleet),
        );
      }
    };
    const errors = await talk().then(
      () => [],
      (error: unknown) => [String(error)],
    );
    const { written, failures, faults } = fleet;
    const seconds = (moment() - begun) / 1_000;
    return { plan, audit, replies, written, failures, refusals, calls, seconds, errors: [...errors, ...faults] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function states(fleet: Fleet): string {
  return PLATFORMS.map((platform) => {
    const { lifecycle, detail } = fleet.status(platform) ?? {};
    return `${platform} ${lifecycle}: ${detail}`;
  }).join(", ");
}
