/** The setup of an account inside of the gateway's own dialogue, `openclaw channels add`. */
import type { Channel } from "../core/account.ts";
import { promptAccount, type ChannelSetupWizardAdapter } from "../host/sdk.ts";
import { accountIds, defaultAccountId, resolveAccount } from "./accounts.ts";

export function setupWizard(channel: Channel, label: string, bot: string): ChannelSetupWizardAdapter {
  return {
    channel,
    getStatus: async ({ cfg, accountOverrides }) => {
      const { configured } = resolveAccount(cfg, channel, accountOverrides[channel]);
      return { channel, configured, statusLines: [`${label}: ${configured ? "configured" : `needs ${bot}`}`] };
    },
    configure: async ({ cfg, prompter, options, accountOverrides, shouldPromptAccountIds }) => {
      const chosen = accountOverrides[channel];
      const accountId =
        chosen === undefined && shouldPromptAccountIds
          ? await promptAccount({
              cfg,
              prompter,
              label,
              listAccountIds: (current) => accountIds(current, channel),
              defaultAccountId: defaultAccountId(cfg, channel),
            })
          : resolveAccount(cfg, channel, chosen).accountId;
      await options?.beforePersistentEffect?.();
      const [{ questions, setUp }, { withSetUp }] = await Promise.all([import("./set-up.ts"), import("./bindings.ts")]);
      const ask = questions(prompter);
      let progress: ReturnType<typeof prompter.progress> | undefined;
      // It would be drawn over a question.
      const pause = () => {
        progress?.stop();
        progress = undefined;
      };
      let changed = cfg;
      const { ok, done, checked, warnings, next, error } = await setUp({
        channel,
        cfg,
        accountId,
        wishes: {},
        ask: (question) => {
          pause();
          return ask(question);
        },
        tell: (doing) => {
          progress ??= prompter.progress(doing);
          progress.update(doing);
        },
        // The dialogue writes the configuration at its end.
        configure: async (changes) => {
          changed = withSetUp(changed, channel, accountId, changes);
        },
      });
      pause();
      const lines = [...done, checked, ...warnings, error, ...(ok ? next : [])];
      await prompter.note(
        lines.filter((line) => line !== null).join("\n"),
        ok ? `${label} is set up` : `${label} is not set up`,
      );
      return ok ? { cfg: changed, accountId } : { cfg: changed, completion: "paused" };
    },
  };
}
