/** The plugin's commands: `openclaw mochat …` and `openclaw dmwork …`. */
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import type { CliContext, OpenClawConfig } from "../host/sdk.ts";
import type { Wish } from "./dead-letters.ts";
import type { Wish as MigrationWish } from "./migrate.ts";
import type { Flags } from "./setup.ts";

type Command = CliContext["program"];

/** Adds the commands of one channel to its root command. */
export function addCommands(root: Command, channel: Channel, cfg: OpenClawConfig): void {
  addSetup(root, channel, cfg);
  addMigrate(root, channel, cfg);
  root
    .command("doctor")
    .description("Check the accounts: their settings, their tokens, who shares a session")
    .option("--account <id>", "Check this account only")
    .option("--json", "Print JSON")
    .action(async (options: { account?: string; json?: boolean }) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(channel, cfg, options);
    });
  root
    .command("why <message>")
    .description("Show what became of a message, by its id or `last`")
    .option("--account <id>", "Look at this account only")
    .option("--json", "Print JSON")
    .action(async (message: string, options: { account?: string; json?: boolean }) => {
      process.exitCode = await why(channel, cfg, message, options);
    });
  root
    .command("dead-letters")
    .description("Show messages that could not be answered, try them again or forget them")
    .option("--account <id>", "Look at this account only")
    .option("--replay <id>", "Try this one again, or `all`")
    .option("--drop <id>", "Forget this one, or `all`")
    .option("--json", "Print JSON")
    .action(async (options: Wish & { account?: string; json?: boolean }) => {
      process.exitCode = await deadLetters(channel, cfg, options);
    });
}

/** Flags with their meanings. */
type Options = readonly (readonly [string, string])[];

const SETUPS: Record<Channel, { about: string; options: Options }> = {
  mochat: {
    about: "Register an agent or take one over, bind it to its owner and configure it; safe to run again",
    options: [
      ["--name <name>", "What a new agent is called"],
      ["--email <address>", "The owner's e-mail address on Mochat"],
      ["--no-owner", "Leave the agent without an owner for now"],
      ["--greeting <text>", "What the agent says to its owner first"],
      ["--token-file <path>", "Take over the agent whose token is in this file; - reads it from the input"],
      ["--token-ref <ref>", "Take over the agent with this SecretRef, written source:provider:id"],
      ["--base-url <url>", "The server, https://mochat.io by default"],
      ["--agent-id <id>", "The agent's user id, where the server does not tell"],
      ["--invite", "Make an invite link for an agent that has its owner already"],
    ],
  },
  dmwork: {
    about: "Take a bot by its token, or make one with your user API key, and configure it; safe to run again",
    options: [
      ["--api-url <url>", "The server's bot API"],
      ["--token-file <path>", "The bot's token (bf_…) or your key (uk_…) is in this file; - reads it from the input"],
      ["--token-ref <ref>", "The same as a SecretRef, written source:provider:id"],
      ["--name <name>", "With a key: what the bot is called; a bot of yours with that name is taken"],
      ["--username <name>", "With a key: what the id of a new bot begins with"],
      ["--space <id>", "With a key of several Spaces: the one that a new bot belongs to"],
      ["--bot <id>", "With a key: which of your bots, by id or name"],
      ["--dms <who>", "Who may write directly: owner, friends (with a code that you approve) or open"],
      ["--agent <id>", "Bind the account to this agent"],
      ["--greeting <text>", "What the bot says to its owner first"],
      ["--no-greeting", "Don't write to the owner"],
    ],
  },
};

function addSetup(root: Command, channel: Channel, cfg: OpenClawConfig): void {
  const { about, options } = SETUPS[channel];
  const command = root.command("setup").description(about).option("--account <id>", "The account to set up");
  for (const [flags, meaning] of options) command.option(flags, meaning);
  command.option("--json", "Print one JSON object and ask nothing").action(async (flags: Flags) => {
    const { setup } = await import("./setup.ts");
    process.exitCode = await setup(channel, cfg, flags);
  });
}

const NANOBOT: Options = [
  ["--from <what>", "What is left behind: mochat (the older plugin, by default) or nanobot"],
  ["--config <path>", "nanobot's configuration, ~/.nanobot/config.json by default"],
  ["--account <id>", "The account that nanobot's agent becomes"],
];

function addMigrate(root: Command, channel: Channel, cfg: OpenClawConfig): void {
  const command = root
    .command("migrate")
    .description("Come from an older plugin: show what would change, or change it; safe to run again");
  for (const [flags, meaning] of channel === "mochat" ? NANOBOT : []) command.option(flags, meaning);
  command
    .option("--apply", "Do it, with an undo file beside the configuration")
    .option("--undo <path>", "Take a migration back by its undo file")
    .option("--json", "Print JSON")
    .action(async (wish: MigrationWish) => {
      const { migrate } = await import("./migrate.ts");
      process.exitCode = await migrate(channel, cfg, wish);
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

async function deadLetters(
  channel: Channel,
  cfg: OpenClawConfig,
  { account, json, ...wish }: Wish & { account?: string; json?: boolean },
): Promise<number> {
  const { attend, inWords } = await import("./dead-letters.ts");
  try {
    const answer = await attend({ channel, cfg, account }, wish);
    console.log(json ? JSON.stringify(answer, null, 2) : inWords(answer));
    return 0;
  } catch (error) {
    const sentence = messageOf(error);
    if (json) console.log(JSON.stringify({ channel, deadLetters: [], error: sentence }, null, 2));
    else console.error(sentence);
    return 1;
  }
}
