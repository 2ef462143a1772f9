/** `openclaw mochat setup` and `openclaw dmwork setup`: their flags, their dialogue and what they print. */
import { readFileSync } from "node:fs";
import { defaultAccountId } from "../channels/accounts.ts";
import { withSetUp } from "../channels/bindings.ts";
import { questions, setUp, type Wishes } from "../channels/set-up.ts";
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import type { Found, SetupReport } from "../core/protocol.ts";
import { editConfig } from "../host/config-file.ts";
import { isCancelled, normalizeAccountId, readSecret, terminalPrompter, type OpenClawConfig } from "../host/sdk.ts";

/** As commander reads them. */
export type Flags = {
  account?: string;
  name?: string;
  email?: string;
  /** False after `--no-owner`. */
  owner?: boolean;
  /** False after `--no-greeting`. */
  greeting?: string | boolean;
  tokenFile?: string;
  tokenRef?: string;
  baseUrl?: string;
  agentId?: string;
  invite?: boolean;
  apiUrl?: string;
  bot?: string;
  username?: string;
  space?: string;
  dms?: string;
  agent?: string;
  json?: boolean;
};

const STDIN = 0;

/** Runs the command, and answers with its exit code. */
export async function setup(channel: Channel, cfg: OpenClawConfig, flags: Flags): Promise<number> {
  const accountId = flags.account ? normalizeAccountId(flags.account) : defaultAccountId(cfg, channel);
  const attended = !flags.json && process.stdin.isTTY && process.stdout.isTTY && flags.tokenFile !== "-";
  try {
    const report = await setUp({
      channel,
      cfg,
      accountId,
      wishes: await wishesOf(cfg, flags),
      ask: attended ? questions(await terminalPrompter()) : undefined,
      tell: (doing) => {
        if (attended) console.log(`${doing} …`);
      },
      configure: (changes) => editConfig((current) => withSetUp(current, channel, accountId, changes)),
    });
    if (flags.json) console.log(JSON.stringify({ channel, ...report }, null, 2));
    else print(report);
    return report.ok ? 0 : 1;
  } catch (error) {
    const sentence = (await isCancelled(error))
      ? "Ended. What is done stays; run it again to go on."
      : messageOf(error);
    if (flags.json) console.log(JSON.stringify({ channel, account: accountId, ok: false, error: sentence }));
    else console.error(sentence);
    return 1;
  }
}

async function wishesOf(cfg: OpenClawConfig, flags: Flags): Promise<Partial<Wishes>> {
  const { account: _account, tokenFile: _file, tokenRef: _ref, json: _json, owner, greeting, ...wanted } = flags;
  const given = await givenToken(cfg, flags);
  const said = typeof greeting === "string" ? greeting : undefined;
  const wishes = { ...wanted, given, greeting: said, noOwner: owner === false, noGreeting: greeting === false };
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

/** Never from the command line itself, where everybody on the machine can read it. */
async function givenToken(cfg: OpenClawConfig, { tokenFile, tokenRef }: Flags): Promise<Found | undefined> {
  if (tokenFile !== undefined) return { token: readFileSync(tokenFile === "-" ? STDIN : tokenFile, "utf8").trim() };
  if (tokenRef === undefined) return undefined;
  const [, source, provider, id] = /^([^:]+):([^:]+):(.+)$/.exec(tokenRef) ?? [];
  if (!source || !provider || !id)
    throw new Error("--token-ref: write it as source:provider:id, like env:default:NAME");
  const reference = { source, provider, id };
  return { ...(await readSecret(cfg, reference)), reference };
}

function print({ ok, done, checked, warnings, next, error }: SetupReport): void {
  for (const line of done) console.log(line);
  if (ok && done.length === 0) console.log("Everything was right already.");
  if (checked !== null) console.log(checked);
  for (const line of warnings) console.error(`Careful: ${line}`);
  if (error !== null) console.error(error);
  if (next.length > 0) console.log(["", "What to do now:", ...next.map((line) => `- ${line}`)].join("\n"));
}
