/** `openclaw mochat migrate` and `openclaw dmwork migrate`: from an older plugin to this one, and back. */
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultAccountId } from "../channels/accounts.ts";
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import { preview } from "../host/config-file.ts";
import { configFile, normalizeAccountId, type OpenClawConfig } from "../host/sdk.ts";
import { apply } from "./migrate/apply.ts";
import { unified } from "./migrate/diff.ts";
import type { Plan } from "./migrate/plan.ts";
import { planOf } from "./migrate/survey.ts";
import { takeBack } from "./migrate/undo.ts";

/** As commander reads them. */
export type Wish = {
  from?: string;
  config?: string;
  account?: string;
  apply?: boolean;
  undo?: string;
  json?: boolean;
};

/** For programs; documented in docs/MIGRATE.md. */
export type Report = {
  channel: Channel;
  ok: boolean;
  from: string;
  /** What changes in openclaw.json, as a unified diff without secrets. */
  diff: string;
  /** Accounts whose reading is taken over. */
  cursors: { account: string; from: string; conversations: number }[];
  changes: string[];
  refusals: string[];
  applied: boolean;
  /** The undo file of a migration that was carried out. */
  undo: string | null;
};

/** Runs the command, and answers with its exit code. */
export async function migrate(channel: Channel, cfg: OpenClawConfig, wish: Wish): Promise<number> {
  try {
    if (wish.undo !== undefined) {
      const done = await takeBack(channel, wish.undo);
      console.log(wish.json ? JSON.stringify({ channel, ok: true, undone: done }, null, 2) : done.join("\n"));
      return 0;
    }
    const report = await reportOf(channel, cfg, wish);
    console.log(wish.json ? JSON.stringify(report, null, 2) : inWords(report));
    return report.ok ? 0 : 1;
  } catch (error) {
    const sentence = messageOf(error);
    if (wish.json) console.log(JSON.stringify({ channel, ok: false, error: sentence }, null, 2));
    else console.error(sentence);
    return 1;
  }
}

async function reportOf(channel: Channel, cfg: OpenClawConfig, wish: Wish): Promise<Report> {
  const { text, authored } = await configFile();
  const nanobot = nanobotOf(channel, authored, wish);
  const plan = await planOf({ channel, cfg, authored, ...(nanobot ? { nanobot } : {}) });
  const diff = unified(text, preview(text, plan.changes));
  const ok = plan.refusals.length === 0;
  const applies = ok && wish.apply === true && hasWork(plan);
  const file = applies ? await apply(channel, plan) : null;
  return {
    channel,
    ok,
    from: plan.old.name,
    diff,
    cursors: plan.imports.map(({ account, from, cursors }) => ({
      account,
      from,
      conversations: Object.keys(cursors.places).length,
    })),
    changes: hasWork(plan) ? plan.told : [],
    refusals: plan.refusals,
    applied: applies,
    undo: file,
  };
}

function hasWork({ changes, imports }: Plan): boolean {
  return changes.length + imports.length > 0;
}

/** Where nanobot's agent comes from and what it becomes, if it is nanobot. Throws where the wish makes no sense. */
function nanobotOf(channel: Channel, cfg: OpenClawConfig, { from, config, account }: Wish) {
  if (from === "nanobot" && channel === "mochat") {
    return {
      file: config ?? join(homedir(), ".nanobot", "config.json"),
      account: account === undefined ? defaultAccountId(cfg, channel) : normalizeAccountId(account),
    };
  }
  if (from !== undefined && from !== channel) throw new Error(`--from: ${from} is unknown. Choose mochat or nanobot.`);
  if (config !== undefined || account !== undefined) throw new Error("--config and --account go with --from nanobot.");
  return undefined;
}

/** For people. */
function inWords(report: Report): string {
  const { channel, from, diff, cursors, changes, refusals, applied, undo: file } = report;
  if (diff === "" && cursors.length === 0 && refusals.length === 0) return "There is nothing to do.";
  const next = applied
    ? [
        "Done. Start the gateway: openclaw gateway restart",
        `To take it back: openclaw ${channel} migrate --undo ${file}`,
      ]
    : ["Nothing was changed. To do it, run the same command with --apply; it writes an undo file first."];
  return [
    `From ${from}:`,
    ...(diff === "" ? [] : ["", "--- openclaw.json", "+++ openclaw.json", diff]),
    ...(changes.length === 0 ? [] : ["", "What changes:", ...changes.map((line) => `! ${line}`)]),
    "",
    ...(refusals.length === 0 ? next : ["This can't be done yet:", ...refusals.map((line) => `- ${line}`)]),
  ].join("\n");
}
