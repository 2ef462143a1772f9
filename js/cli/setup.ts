/** `openclaw mochat setup`: its flags, its dialogue and what it prints. */
import { readFileSync } from "node:fs";
import { defaultAccountId, withAccountKeys } from "../channels/accounts.ts";
import { questions, setUpMochat, type Wishes } from "../channels/mochat-setup.ts";
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
  owner: boolean;
  greeting?: string;
  tokenFile?: string;
  tokenRef?: string;
  baseUrl?: string;
  agentId?: string;
  invite?: boolean;
  json?: boolean;
};

const STDIN = 0;

/** Runs the command, and answers with its exit code. */
export async function setup(cfg: OpenClawConfig, flags: Flags): Promise<number> {
  const accountId = flags.account ? normalizeAccountId(flags.account) : defaultAccountId(cfg, "mochat");
  const attended = !flags.json && process.stdin.isTTY && process.stdout.isTTY && flags.tokenFile !== "-";
  try {
    const report = await setUpMochat({
      cfg,
      accountId,
      wishes: await wishesOf(cfg, flags),
      ask: attended ? questions(await terminalPrompter()) : undefined,
      tell: (doing) => {
        if (attended) console.log(`${doing} …`);
      },
      configure: (keys) => editConfig((current) => withAccountKeys(current, "mochat", accountId, keys)),
    });
    if (flags.json) console.log(JSON.stringify({ channel: "mochat", ...report }, null, 2));
    else print(report);
    return report.ok ? 0 : 1;
  } catch (error) {
    const sentence = (await isCancelled(error))
      ? "Ended. What is done stays; run it again to go on."
      : messageOf(error);
    if (flags.json) console.log(JSON.stringify({ channel: "mochat", account: accountId, ok: false, error: sentence }));
    else console.error(sentence);
    return 1;
  }
}

async function wishesOf(cfg: OpenClawConfig, flags: Flags): Promise<Partial<Wishes>> {
  const { name, email, greeting, baseUrl, agentId, invite = false, owner } = flags;
  const given = await givenToken(cfg, flags);
  const wishes = { name, email, greeting, baseUrl, agentId, given, invite, noOwner: !owner };
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
