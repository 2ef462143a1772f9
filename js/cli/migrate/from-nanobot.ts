/** From nanobot: its agent becomes an account here. */
import { dirname, join } from "node:path";
import { accountIds, resolveAccount, withAccountKeys, type Values } from "../../channels/accounts.ts";
import { storeDirectory, storeName } from "../../channels/stores.ts";
import { messageOf } from "../../core/errors.ts";
import { readSecret, type OpenClawConfig } from "../../host/sdk.ts";
import { isUsed } from "../../io/imported.ts";
import { changesBetween } from "../../io/json5.ts";
import { readCursors } from "./cursors.ts";
import { NANOBOT, readNanobot } from "./nanobot.ts";
import { caughtUp, nowPaired, type Plan, type Scene } from "./plan.ts";

export async function fromNanobot(scene: Scene, { file, account }: NonNullable<Scene["nanobot"]>): Promise<Plan> {
  const { channel, authored } = scene;
  const { keys, isOn, unknown } = readNanobot(file);
  const { config } = resolveAccount(authored, channel, account);
  // What somebody has written here already stays.
  const missing = Object.fromEntries(Object.entries(keys).filter(([key]) => config[key] === undefined));
  const changed = Object.keys(missing).length > 0 ? withAccountKeys(authored, channel, account, missing) : authored;
  const plan: Plan = { old: NANOBOT, changes: changesBetween(authored, changed), imports: [], told: [], refusals: [] };
  if (isOn) {
    plan.refusals.push(
      `nanobot still runs this agent: channels.mochat.enabled is true in ${file}. Set it to false, and restart nanobot.`,
    );
  }
  plan.refusals.push(...(await othersToken(scene, account, keys)));
  await addCursors(plan, scene, file, account);
  if (plan.changes.length > 0)
    plan.told.unshift(...accessChanges(scene, keys), ...NANOBOT.changesOf(keys).map(of(account)));
  const ignored = unknown.map((key) => `\`${key}\` is left out: nanobot's Mochat channel has no such key.`);
  return { ...plan, told: [...plan.told, ...(plan.changes.length > 0 ? ignored : [])] };
}

/** One account is one agent. */
async function othersToken({ channel, cfg }: Scene, account: string, { clawToken }: Values): Promise<string[]> {
  const token = await tokenOf(cfg, clawToken);
  const refusals: string[] = [];
  for (const id of new Set([...accountIds(cfg, channel), account])) {
    const theirs = await tokenOf(cfg, resolveAccount(cfg, channel, id).config["clawToken"]);
    if (id === account && theirs !== undefined && theirs !== token) {
      refusals.push(
        `The account ${account} has another token already. Choose a name for nanobot's agent with --account.`,
      );
    }
    if (id !== account && theirs === token) {
      refusals.push(`The account ${id} has this token already: go on with --account ${id}.`);
    }
  }
  return refusals;
}

async function tokenOf(cfg: OpenClawConfig, value: unknown): Promise<string | undefined> {
  if (typeof value === "string") return value.trim() || undefined;
  if (!(value instanceof Object)) return undefined;
  const found = await readSecret(cfg, value);
  return "token" in found ? found.token : JSON.stringify(value);
}

async function addCursors(plan: Plan, { channel }: Scene, file: string, account: string): Promise<void> {
  const store = join(await storeDirectory(channel), storeName(account));
  if (isUsed(store)) return;
  const from = join(dirname(file), "mochat", "session_cursors.json");
  try {
    const cursors = readCursors(from);
    if (cursors) plan.imports.push({ account, store, from, cursors });
    else plan.told.push(`${account}: there is no ${from}, so what was said before the gateway starts is not answered.`);
    plan.told.push(...plan.imports.map(caughtUp));
  } catch (error) {
    plan.refusals.push(`${account}: ${messageOf(error)}`);
  }
}

/** What nanobot's one list means here. */
function accessChanges({ channel }: Scene, { dmPolicy, allowFrom }: Values): string[] {
  if (allowFrom === undefined) return [nowPaired(channel)];
  if (dmPolicy === "allowlist") {
    return [
      "WHO IS HEARD: those in nanobot's `allowFrom`, as before, and now the agent's owner, whom the server names.",
    ];
  }
  return [
    "WHO IS HEARD: nobody was, because nanobot's `allowFrom` is empty. Now the agent's owner is, whom the server names; others get a code when they write directly, and `groupAllowFrom` names who is heard in panels.",
  ];
}

function of(account: string): (sentence: string) => string {
  return (sentence) => `${account}: ${sentence}`;
}
