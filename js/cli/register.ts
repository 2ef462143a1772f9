/** Tells the gateway's command line which commands there are; what they do is loaded when one of them runs. */
import type { Channel } from "../core/account.ts";
import type { OpenClawPluginApi } from "../host/sdk.ts";

/** The same rows stand in openclaw.plugin.json, from where the help shows them without loading any code. */
const ROOTS: readonly { name: Channel; description: string; hasSubcommands: true }[] = [
  { name: "mochat", description: "Set up the Mochat channel and look into it", hasSubcommands: true },
  { name: "dmwork", description: "Set up the DMWork channel and look into it", hasSubcommands: true },
];

export function registerCommands(api: OpenClawPluginApi): void {
  api.registerCli(
    async ({ program, config }) => {
      const { addCommands } = await import("./commands.ts");
      for (const { name, description } of ROOTS) {
        addCommands(program.command(name).description(description), name, config);
      }
    },
    { descriptors: ROOTS },
  );
}
