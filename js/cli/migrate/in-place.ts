/** From a plugin of OpenClaw: its section of openclaw.json is ours as well. */
import { globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { asValues, sectionOf, TOKEN_KEYS, type Values } from "../../channels/accounts.ts";
import { storeDirectory, storeName } from "../../channels/stores.ts";
import { messageOf } from "../../core/errors.ts";
import { DEFAULT_ACCOUNT_ID, normalizeAccountId } from "../../host/sdk.ts";
import { isUsed } from "../../io/imported.ts";
import type { Change } from "../../io/json5.ts";
import { readCursors } from "./cursors.ts";
import { DMWORK } from "./dmwork.ts";
import { MOCHAT } from "./mochat.ts";
import { caughtUp, nowPaired, type Plan, type Scene } from "./plan.ts";
import { dropped, spelledOut, type OldPlugin } from "./table.ts";

type OldBot = {
  /** As the older plugin called it. */
  key: string;
  account: string;
  path: readonly string[];
  /** Its keys over those of the channel, as the older plugin merged them. */
  config: Values;
  store: string;
  /** Whether it has not run with this plugin, nor been set up for it. */
  isOld: boolean;
};

export async function inPlace(scene: Scene): Promise<Plan> {
  const { channel, authored } = scene;
  const old = channel === "mochat" ? MOCHAT : DMWORK;
  const root = ["channels", channel];
  const section = sectionOf(authored, channel);
  const bots = await botsOf(scene, root, section);
  if (bots.length === 0) {
    throw new Error(`channels.${channel} in openclaw.json has no account, so there is nothing to migrate.`);
  }
  const removed = removals(old, root, section);
  const before = bots.filter(({ isOld }) => isOld);
  const { imports, told, refusals } = channel === "mochat" ? cursorsOf(scene, bots) : cachesOf(before);
  return {
    old,
    changes: [...removed, ...before.flatMap((bot) => additions(old, bot))],
    imports,
    told: [
      ...(before.length > 0 ? [nowPaired(channel)] : []),
      ...told,
      ...before.flatMap(({ account, config }) => old.changesOf(config).map((sentence) => `${account}: ${sentence}`)),
      ...before.flatMap(({ account, config }) => offAbove(section, account, config)),
      ...notes(old, removed, before),
    ],
    refusals,
  };
}

async function botsOf({ channel }: Scene, root: readonly string[], section: Values): Promise<OldBot[]> {
  const { accounts, ...shared } = section;
  const named = Object.entries(asValues(accounts));
  const directory = await storeDirectory(channel);
  const bot = (key: string, path: readonly string[], config: Values): OldBot => {
    const account = normalizeAccountId(key);
    const store = join(directory, storeName(account));
    const isOurs = config["dmPolicy"] !== undefined || config["allowFrom"] !== undefined || isUsed(store);
    return { key, account, path, config, store, isOld: !isOurs };
  };
  if (named.length > 0) {
    return named.map(([key, own]) => bot(key, [...root, "accounts", key], { ...shared, ...asValues(own) }));
  }
  return shared[TOKEN_KEYS[channel]] === undefined ? [] : [bot(DEFAULT_ACCOUNT_ID, root, shared)];
}

/** Keys without effect, wherever they stand. */
function removals({ rows }: OldPlugin, root: readonly string[], section: Values): Change[] {
  const holders: [path: readonly string[], keys: Values][] = [
    [root, section],
    ...Object.entries(asValues(section["accounts"])).map(([key, own]): [readonly string[], Values] => [
      [...root, "accounts", key],
      asValues(own),
    ]),
  ];
  return holders.flatMap(([path, keys]) =>
    dropped(rows)
      .filter(({ old }) => keys[old] !== undefined)
      .map(({ old }) => ({ path: [...path, old], value: undefined })),
  );
}

/** What was understood without words. The last one written stands first. */
function additions({ rows }: OldPlugin, { path, config }: OldBot): Change[] {
  const added = [...spelledOut(rows, config).toReversed(), ["dmPolicy", "pairing"] as const];
  return added.map(([key, value]) => ({ path: [...path, key], value }));
}

/** An account that was switched on under a channel that is off has run until now. */
function offAbove(section: Values, account: string, config: Values): string[] {
  return section["enabled"] === false && config["enabled"] === true
    ? [
        `${account}: it does not run any more: its channel is off (\`enabled\`), which the account's own \`enabled\` does not outdo now.`,
      ]
    : [];
}

/** What the table says of the keys that change. */
function notes({ rows }: OldPlugin, removed: readonly Change[], bots: readonly OldBot[]): string[] {
  const keys = new Set([
    ...removed.map(({ path }) => path.at(-1)),
    ...bots.flatMap(({ config }) => spelledOut(rows, config).map(([key]) => key)),
  ]);
  return rows.filter(({ old }) => keys.has(old)).map(({ old, note }) => `\`${old}\`: ${note}`);
}

type State = Pick<Plan, "imports" | "told" | "refusals">;

function cursorsOf({ stateDir }: Scene, bots: readonly OldBot[]): State {
  const state: State = { imports: [], told: [], refusals: [] };
  for (const { key, account, store } of bots.filter((bot) => !isUsed(bot.store))) {
    const from = join(stateDir, "mochat", "cursors", `${key}.json`);
    try {
      const cursors = readCursors(from);
      if (cursors) state.imports.push({ account, store, from, cursors });
      else
        state.told.push(`${account}: there is no ${from}, so what was said before the gateway starts is not answered.`);
    } catch (error) {
      state.refusals.push(`${account}: ${messageOf(error)}`);
    }
  }
  return { ...state, told: [...state.imports.map(caughtUp), ...state.told] };
}

/** Copies of GROUP.md and THREAD.md, which the older plugin kept among the agent's files. */
function cachesOf(bots: readonly OldBot[]): State {
  const folder = join(homedir(), ".openclaw", "workspace", "dmwork");
  const copies = globSync("*/groups/**/{GROUP,THREAD}.md", { cwd: folder });
  const told =
    bots.length > 0 && copies.length > 0
      ? [
          `${copies.length} copies of GROUP.md and THREAD.md in ${folder} are not used: the server is asked. Delete them when nothing else reads them.`,
        ]
      : [];
  return { imports: [], told, refusals: [] };
}
