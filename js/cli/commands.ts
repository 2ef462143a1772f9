/** The plugin's commands: `openclaw mochat …` and `openclaw dmwork …`. */
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import type { CliContext, OpenClawConfig } from "../host/sdk.ts";
import type { Flags } from "./setup.ts";

type Command = CliContext["program"];

/** Adds the commands of one channel to its root command. */
export function addCommands(root: Command, channel: Channel, cfg: OpenClawConfig): void {
  if (channel === "mochat") addSetup(root, cfg);
  root
    .command("why <message>")
    .description("Show what became of a message, by its id or `last`")
    .option("--account <id>", "Look at this account only")
    .option("--json", "Print JSON")
    .action(async (message: string, options: { account?: string; json?: boolean }) => {
      process.exitCode = await why(channel, cfg, message, options);
    });
}

function addSetup(root: Command, cfg: OpenClawConfig): void {
  root
    .command("setup")
    .description("Register an agent or take one over, bind it to its owner and configure it; safe to run again")
    .option("--account <id>", "The account to set up")
    .option("--name <name>", "What a new agent is called")
    .option("--email <address>", "The owner's e-mail address on Mochat")
    .option("--no-owner", "Leave the agent without an owner for now")
    .option("--greeting <text>", "What the agent says to its owner first")
    .option("--token-file <path>", "Take over the agent whose token is in this file; - reads it from the input")
    .option("--token-ref <ref>", "Take over the agent with this SecretRef, written source:provider:id")
    .option("--base-url <url>", "The server, https://mochat.io by default")
    .option("--agent-id <id>", "The agent's user id, where the server does not tell")
    .option("--invite", "Make an invite link for an agent that has its owner already")
    .option("--json", "Print one JSON object and ask nothing")
    .action(async (flags: Flags) => {
      const { setup } = await import("./setup.ts");
      process.exitCode = await setup(cfg, flags);
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
    const sentence = messageOf(error);
    if (json) console.log(errorAsJson(channel, sentence));
    else console.error(sentence);
    return 1;
  }
}
