/** The ledger of a soak. */

import { tableOf } from "../trial.ts";
import type { Outcome, Sample } from "./run.ts";
import { slope } from "./slope.ts";

const MB = 1024 * 1024;
/** Bounds of the delivery promise: megabytes an hour, and megabytes. */
const MOST_HEAP_GROWTH = 1;
const MOST_STORE = 50;
/** A shorter run can't tell growth from the noise of a heap. */
const JUDGED_FROM_HOURS = 1;
/** While the code is compiled and pools are filled, a process grows as it should. */
const WARM_UP = 1 / 6;

type Figure = (sample: Sample) => number;

/** What has to be as it was, once nothing happens. */
const COUNTS: Readonly<Record<string, Figure>> = {
  sockets: ({ resources }) => (resources["TCPSocketWrap"] ?? 0) + (resources["TLSWrap"] ?? 0),
  timers: ({ resources }) => (resources["Timeout"] ?? 0) + (resources["Immediate"] ?? 0),
  listeners: ({ listeners }) => listeners,
  "open files": ({ files }) => files,
};

/** What must not be. */
export function faultsOf(outcome: Outcome): string[] {
  const { channels, speaker, audit, replies, written, failed, samples, errors } = outcome;
  const lost = channels.flatMap(({ key }) => {
    const missing = audit.missing(key, speaker.said(key));
    return missing.length === 0 ? [] : [`${missing.length} lost in ${key}: #${missing.slice(0, 10).join(", #")}`];
  });
  const unsaid = Math.max(0, written - failed - replies.delivered.size);
  // A single call may be under way at any moment; what leaks is there at every later one.
  const third = Math.ceil(samples.length / 3);
  const grown = Object.entries(COUNTS).flatMap(([name, of]) => {
    const [before, after] = [most(samples.slice(0, third), of), Math.min(...samples.slice(-third).map(of))];
    return after > before ? [`at least ${after} ${name} at the end, at most ${before} at the beginning`] : [];
  });
  return [
    ...errors,
    ...lost,
    ...audit.faults,
    ...(unsaid === 0 ? [] : [`${unsaid} replies neither arrived nor were they listed as failed`]),
    ...(replies.repeated.length === 0 ? [] : [`${replies.repeated.length} replies were delivered twice`]),
    ...grown,
    ...growth(outcome),
  ];
}

/** What may be judged after an hour only. */
function growth({ samples, hours }: Outcome): string[] {
  if (hours < JUDGED_FROM_HOURS) return [];
  const heap = slopeOf(samples, ({ heap: bytes }) => bytes / MB);
  const store = most(samples, ({ store: bytes }) => bytes / MB);
  return [
    ...(heap <= MOST_HEAP_GROWTH ? [] : [`the heap grows by ${heap.toFixed(2)} MB an hour`]),
    ...(store <= MOST_STORE ? [] : [`a store of ${store.toFixed(1)} MB`]),
  ];
}

export function describe(outcome: Outcome): string {
  const { plan, speaker, audit, replies, written, failed, samples, connections, late, slowestMs, hours, channels } =
    outcome;
  const course = (of: Figure, digits = 0) => {
    const figures = [of(samples[0] ?? EMPTY), most(samples, of), of(samples.at(-1) ?? EMPTY)];
    return figures.map((figure) => figure.toFixed(digits)).join(", ");
  };
  const growing = (of: Figure) => `${slopeOf(samples, of).toFixed(2)} an hour`;
  const rows: [string, number | string][] = [
    ["said, in places", `${speaker.total} in ${channels.length}`],
    ["heard", audit.total],
    ["lost", speaker.total - audit.total],
    ["duplicated", audit.duplicates],
    ["reordered", audit.disorder],
    ["late (5 s after it could be heard)", late],
    ["slowest", `${(slowestMs / 1_000).toFixed(2)} s`],
    ["replies written", written],
    ["replies delivered, failed, twice", `${replies.delivered.size}, ${failed}, ${replies.repeated.length}`],
    ["connections made", connections],
    ["heap, MB: first, most, last", course(({ heap }) => heap / MB, 2)],
    ["heap, MB", growing(({ heap }) => heap / MB)],
    ["buffers and cores, MB: first, most, last", course(({ external }) => external / MB, 2)],
    ["buffers and cores, MB", growing(({ external }) => external / MB)],
    ["resident, MB: first, most, last", course(({ resident }) => resident / MB)],
    ...Object.entries(COUNTS).flatMap(([name, of]): [string, string][] => [
      [`${name}: first, most, last`, course(of)],
      [name, growing(of)],
    ]),
    ["larger store, MB: first, most, last", course(({ store }) => store / MB, 1)],
    ["messages in it: first, most, last", course(({ entries }) => entries)],
    ["hours", hours.toFixed(2)],
  ];
  const every = `${plan.rate} messages a second, a trouble every ${plan.troubleEvery} s`;
  return tableOf(`soak: ${plan.seconds} s of ${every}, seed ${plan.seed}`, rows);
}

const EMPTY: Sample = {
  heap: 0,
  external: 0,
  resident: 0,
  resources: {},
  listeners: 0,
  files: 0,
  store: 0,
  entries: 0,
  hours: 0,
};

function most(samples: readonly Sample[], of: Figure): number {
  return Math.max(0, ...samples.map(of));
}

/** An hour's growth, after the warm-up. */
function slopeOf(samples: readonly Sample[], of: Figure): number {
  const warm = samples.filter(({ hours }) => hours >= WARM_UP * (samples.at(-1)?.hours ?? 0));
  return slope(warm.map((sample) => [sample.hours, of(sample)]));
}
