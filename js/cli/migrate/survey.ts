/** Finds out what a migration would do. Changes nothing. */
import { accountIds, problemSentence, resolveAccount, TOKEN_KEYS, type Values } from "../../channels/accounts.ts";
import { stillEnabled } from "../../channels/old-plugins.ts";
import { openCore, type Channel } from "../../core/account.ts";
import { messageOf } from "../../core/errors.ts";
import { joinedSessions } from "../../host/session.ts";
import { stateDirectory, type OpenClawConfig } from "../../host/sdk.ts";
import { withValue, type Change } from "../../io/json5.ts";
import { fromNanobot } from "./from-nanobot.ts";
import { inPlace } from "./in-place.ts";
import type { Plan, Scene } from "./plan.ts";

/** Throws one sentence if there is nothing that could be migrated. */
export async function planOf(given: Omit<Scene, "stateDir">): Promise<Plan> {
  const scene: Scene = { ...given, stateDir: await stateDirectory() };
  const { channel, cfg, nanobot } = scene;
  const plan = nanobot ? await fromNanobot(scene, nanobot) : await inPlace(scene);
  const enabled = stillEnabled(plan.old.ids, cfg, scene.stateDir).map(
    (id) =>
      `The plugin ${id} is still enabled, and would fight over the same token. Switch it off first: openclaw plugins disable ${id}`,
  );
  const hasWork = plan.changes.length + plan.imports.length > 0;
  const scope = hasWork && plan.refusals.length === 0 ? joinedSessions(cfg) : undefined;
  return {
    ...plan,
    told: [...plan.told, ...(hasWork ? plan.old.changes : []), ...(scope ? [`${scope.message} ${scope.fix}`] : [])],
    refusals: [...enabled, ...plan.refusals, ...(hasWork ? await complaints(channel, cfg, plan.changes) : [])],
  };
}

/** What the core says of the accounts as they would be. */
async function complaints(channel: Channel, cfg: OpenClawConfig, changes: readonly Change[]): Promise<string[]> {
  const changed = Object(changes.reduce<unknown>(withValue, cfg));
  const accounts = accountIds(changed, channel).map((id) => resolveAccount(changed, channel, id));
  const said = accounts.map(async ({ accountId, config, enabled, problem }) => {
    if (problem) return [`${accountId}: ${problemSentence(problem)}`];
    const sentence = enabled ? await complaint(channel, accountId, config) : undefined;
    return sentence === undefined ? [] : [`${accountId}: ${sentence}`];
  });
  return (await Promise.all(said)).flat();
}

async function complaint(channel: Channel, accountId: string, config: Values): Promise<string | undefined> {
  // A command has the references of secrets, and the core wants secrets; neither is the question here.
  const secrets = [TOKEN_KEYS[channel], "userApiKey"].filter((key) => config[key] instanceof Object);
  const readable = { ...config, ...Object.fromEntries(secrets.map((key) => [key, "kept-elsewhere"])) };
  try {
    using _account = await openCore({ channel, accountId, config: readable, wake: () => {} });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
