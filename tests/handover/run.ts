/** The real gateway dies while it takes a turn over: before its note of that is ours, while it becomes ours, and after. */

import { setTimeout as sleep } from "node:timers/promises";
import type { FailPoint } from "../../js/io/fail-points.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { PATIENCE, reply, stage, startAgain, texts, type Stage } from "../e2e/support.ts";
import { RULES } from "../restarts/model.ts";

const MOMENTS = ["adopt.before", "adopt.during", "adopt.after"] as const satisfies FailPoint[];

/** A turn to be taken over; answers with the questions in it. */
type Kind = {
  name: string;
  /** Which takeover kills: what is queued is taken over behind what it waits for. */
  times: number;
  say(sandbox: Sandbox, ask: () => string): Promise<string[]>;
};

export type Outcome = {
  name: string;
  asked: string[];
  /** Each question as often as it was answered. */
  told: string[];
  /** How often the agent was run for them. */
  runs: number;
  /** Those that the agent was asked and that nobody was told: the gateway kept the answers. */
  withheld: string[];
  seconds: number;
  error?: string;
};

/** A place is left to the gateway's recovery for a minute. */
const ANSWERED_WITHIN_MS = 240_000;
/** Whatever would answer twice has had its time after this. */
const AFTERWARDS_MS = 20_000;
/** What is said meanwhile meets a turn that runs. */
const INTO_THE_RUN_MS = 300;

const kinds: Kind[] = [
  {
    name: "a batch",
    times: 1,
    say: async ({ control, world }, ask) => {
      const names = [ask(), ask()];
      const panel = world.mochat.panels.build;
      for (const [index, name] of names.entries())
        control.say({ on: "mochat", from: index === 0 ? "ann" : "bob", panel, text: `ask:${name}` });
      return names;
    },
  },
  {
    name: "an attachment",
    times: 1,
    say: async ({ control, world }, ask) => {
      const name = ask();
      const url = control.upload("plan.md", Buffer.from("# Plan\n"), "text/markdown");
      const text = `[file=plan.md]${url}[/file] ask:${name}`;
      control.say({ on: "mochat", from: "ann", session: world.mochat.ownerSession, text });
      return [name];
    },
  },
  {
    name: "a queued follow-up",
    times: 2,
    say: async ({ control, ledger }, ask) => {
      // The model thinks about every fifth question for a while.
      const names = [ask()];
      while (Number(names[0]?.slice(1)) % 5 !== 0) names[0] = ask();
      const say = (name = "") => control.say({ on: "dmwork", from: "bob", dm: "reviewer_bot", text: `ask:${name}` });
      const since = ledger.last;
      say(names[0]);
      await control.wait({ server: "model", kind: "received", contains: `ask:${names[0]}` }, { since, ...PATIENCE });
      await sleep(INTO_THE_RUN_MS);
      names.push(ask());
      say(names[1]);
      return names;
    },
  },
];

export async function handover(progress: (line: string) => void): Promise<Outcome[]> {
  await using scene = await stage({ variant: "faults", replyDelayMs: 1_000, sandbox: { rules: RULES } });
  let count = 0;
  const ask = () => `q${(count += 1)}`;
  const outcomes: Outcome[] = [];
  for (const kind of kinds) {
    for (const moment of MOMENTS) {
      const outcome = await die(scene, kind, moment, ask);
      outcomes.push(outcome);
      progress(`${outcome.name}: ${outcome.error ?? `answered after ${outcome.seconds.toFixed(0)} s`}`);
    }
  }
  return outcomes;
}

/** One death, and what comes of it. */
async function die(scene: Stage, kind: Kind, moment: FailPoint, ask: () => string): Promise<Outcome> {
  const { claw, sandbox } = scene;
  const name = `${kind.name}, ${moment}`;
  await claw.stop();
  const since = sandbox.ledger.last;
  await startAgain(scene, { FAIL_POINT: `${moment}:${kind.times}` });
  const asked = await kind.say(sandbox, ask);
  const died = await Promise.race([claw.ended().then(() => true), sleep(PATIENCE.deadlineMs, false, { ref: false })]);
  if (!died) await claw.stop("SIGKILL");
  const startedAt = performance.now();
  await startAgain(scene);
  const told = () => answers(sandbox, since).filter((answer) => asked.includes(answer));
  await sandbox.ledger
    .until(() => asked.every((question) => told().includes(question)), ANSWERED_WITHIN_MS)
    .catch(() => undefined);
  const seconds = (performance.now() - startedAt) / 1_000;
  await sleep(AFTERWARDS_MS);
  const replies = sandbox.ledger
    .find({ server: "model" }, since)
    .map(({ data }) => toldIn(JSON.stringify(data["reply"] ?? "")));
  const runs = replies.filter((questions) => asked.some((question) => questions.includes(question)));
  const withheld = asked.filter((question) => !told().includes(question) && runs.flat().includes(question));
  const error = died ? {} : { error: "the moment never came" };
  return { name, asked, told: told(), runs: runs.length, withheld, seconds, ...error };
}

/** The questions that were answered since then, each as often as it was. */
function answers(sandbox: Sandbox, since: number): string[] {
  const said = Object.values(reply).flatMap((way) => texts(sandbox, way, since));
  return said.flatMap(toldIn);
}

function toldIn(text: string): string[] {
  return [...text.matchAll(/told:(q\d+)/g)].map(([, question = ""]) => question);
}
