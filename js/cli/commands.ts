/** The plugin's commands: `openclaw mochat …` and `openclaw dmwork …`. */
import type { Channel } from "../core/account.ts";
import type { CliContext, OpenClawConfig } from "../host/sdk.ts";

type Command = CliContext["program"];

/** Adds the commands of one channel to its root command. */
export function addCommands(root: Command, channel: Channel, cfg: OpenClawConfig): void {
  root
    .command("why <message>")
    .description("Show what became of a message, by its id or `last`")
    .option("--account <id>", "Look at this account only")
    .option("--json", "Print JSON")
    .action(async (message: string, options: { account?: string; json?: boolean }) => {
      process.exitCode = await why(channel, cfg, message, options);
    });
}

async function why(
  channel: Channel,
  cfg: OpenClawConfig,
  message: string,
  { account, json }: { account?: string; json?: boolean },
): Promise<number> {
  const [{ find }, { asJson, errorAsJson, inWords }] = await Promise.all([import("./why.ts"), import("./report.ts")]);
  try {
    const found = await find({ channel, cfg, message, account });
    console.log(json ? asJson(channel, found) : found.map((one) => inWords(channel, one)).join("\n\n"));
    return 0;
  } catch (error) {
    // Either a sentence of ours, or one about a file that can't be read.
    const sentence = error instanceof Error ? error.message : String(error);
    if (json) console.log(errorAsJson(channel, sentence));
    else console.error(sentence);
    return 1;
  }
}
