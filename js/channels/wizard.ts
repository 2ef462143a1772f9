/** The setup of a Mochat account inside of the gateway's own dialogue, `openclaw channels add`. */
import { promptAccount, type ChannelSetupWizardAdapter } from "../host/sdk.ts";
import { accountIds, defaultAccountId, resolveAccount, withAccountKeys } from "./accounts.ts";

export const mochatWizard: ChannelSetupWizardAdapter = {
  channel: "mochat",
  getStatus: async ({ cfg, accountOverrides }) => {
    const { configured } = resolveAccount(cfg, "mochat", accountOverrides["mochat"]);
    return { channel: "mochat", configured, statusLines: [`Mochat: ${configured ? "configured" : "needs an agent"}`] };
  },
  configure: async ({ cfg, prompter, options, accountOverrides, shouldPromptAccountIds }) => {
    const chosen = accountOverrides["mochat"];
    const accountId =
      chosen === undefined && shouldPromptAccountIds
        ? await promptAccount({
            cfg,
            prompter,
            label: "Mochat",
            listAccountIds: (current) => accountIds(current, "mochat"),
            defaultAccountId: defaultAccountId(cfg, "mochat"),
          })
        : resolveAccount(cfg, "mochat", chosen).accountId;
    await options?.beforePersistentEffect?.();
    const { questions, setUpMochat } = await import("./mochat-setup.ts");
    const ask = questions(prompter);
    let progress: ReturnType<typeof prompter.progress> | undefined;
    // It would be drawn over a question.
    const pause = () => {
      progress?.stop();
      progress = undefined;
    };
    let changed = cfg;
    const { ok, done, checked, warnings, next, error } = await setUpMochat({
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
      configure: async (keys) => {
        changed = withAccountKeys(changed, "mochat", accountId, keys);
      },
    });
    pause();
    const lines = [...done, checked, ...warnings, error, ...(ok ? next : [])];
    await prompter.note(
      lines.filter((line) => line !== null).join("\n"),
      ok ? "Mochat is set up" : "Mochat is not set up",
    );
    return ok ? { cfg: changed, accountId } : { cfg: changed, completion: "paused" };
  },
};
