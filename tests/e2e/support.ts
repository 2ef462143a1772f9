/** What every end-to-end story needs: the packed plugin in a real gateway, and the sandbox around it. */

import { existsSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { channels, type ChannelsOptions } from "../../sandbox/channels.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../sandbox/index.ts";
import { asPredicate, type LedgerEntry, type LedgerFilter, type LedgerQuestion } from "../../sandbox/ledger.ts";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { assertNoLeak, filesIn, type Finding } from "../canary.ts";

/** First turns of a cold gateway take ten seconds, recovery after a crash some more; a machine with much else to do is given time. */
export const PATIENCE = { deadlineMs: 240_000 };

/** Replies as the sandbox's ledger shows them. */
export const reply = {
  session: { server: "mochat", kind: "http", name: "POST /api/claw/sessions/send" },
  panel: { server: "mochat", kind: "http", name: "POST /api/claw/groups/panels/send" },
  dmwork: { server: "dmwork", kind: "http", name: "POST /v1/bot/sendMessage" },
} as const satisfies Record<string, LedgerFilter>;

export type Variant = "release" | "faults";

/** Built by `npm test` before the stories run. */
export function tarball(variant: Variant = "release"): string {
  const path = fileURLToPath(new URL(`../../.cache/pack/${variant}.tgz`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run the check, which packs it`);
  return path;
}

export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly claw: OpenClaw;
}

export interface StageOptions extends ChannelsOptions {
  sandbox?: SandboxOptions;
  variant?: Variant;
  /** Changes the channels' configuration before the gateway starts. */
  edit?: (channels: Record<string, unknown>, sandbox: Sandbox) => Record<string, unknown>;
  /** The account whose token is renewed: until the configuration has it, the token is noted in the account's store. */
  renews?: string;
}

/** The sandbox and a gateway whose four bots are online. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const sandbox = await startSandbox(options.sandbox);
  const claw = await OpenClaw.install(tarball(options.variant));
  const dispose = async () => {
    await claw.stop("SIGKILL");
    await sandbox.close();
    const told = [["the gateway's output", claw.words.join("")] as const, ...kept(claw, options.renews)];
    await claw[Symbol.asyncDispose]();
    assertNoLeak(sandbox, told);
  };
  try {
    const configured = channels(sandbox, options);
    await claw.configure({ modelUrl: sandbox.urls.model, channels: options.edit?.(configured, sandbox) ?? configured });
    await claw.start();
    await online(sandbox);
  } catch (error) {
    const words = claw.tail();
    await dispose();
    throw new Error(`the stage is not set:\n${words}`, { cause: error });
  }
  return { sandbox, claw, [Symbol.asyncDispose]: dispose };
}

/** What a gateway leaves on disk, beside its configuration, its own code and the store of whoever renews a token. */
function kept(claw: OpenClaw, renews?: string): Finding[] {
  const isTold = (name: string) =>
    name.startsWith("openclaw.json") || (renews !== undefined && name.startsWith(`${renews}.sqlite`));
  return filesIn(claw.stateDir, (path) => path.includes("node_modules") || isTold(basename(path)));
}

/** All four bots are connected, counted from a mark in the ledger. */
export async function online({ control, world }: Sandbox, since = 0): Promise<void> {
  const wanted: LedgerFilter[] = [
    { server: "dmwork", kind: "connect", who: "reviewer_bot" },
    { server: "dmwork", kind: "connect", who: "helper_bot" },
    { server: "mochat", kind: "received", who: world.mochat.agents.claw.userId, name: SUBSCRIBE },
    { server: "mochat", kind: "received", who: world.mochat.agents.scout.userId, name: SUBSCRIBE },
  ];
  await Promise.all(wanted.map((filter) => control.wait(filter, { since, ...PATIENCE })));
}

const SUBSCRIBE = "com.claw.im.subscribePanels";

/** Without an id only a channel's default account would start. */
const ACCOUNTS = [
  { channel: "mochat", accountId: "claw" },
  { channel: "mochat", accountId: "scout" },
  { channel: "dmwork", accountId: "reviewer" },
  { channel: "dmwork", accountId: "helper" },
];

/** The same after a stop or a crash, and after a few of them. */
export async function startAgain({ claw, sandbox }: Stage, more: NodeJS.ProcessEnv = {}): Promise<void> {
  const since = sandbox.ledger.last;
  await claw.start(more);
  if (claw.isHeldBack) {
    for (const account of ACCOUNTS) {
      const { code, out } = await claw.cli("gateway", "call", "channels.start", "--params", JSON.stringify(account));
      if (code !== 0) throw new Error(`${account.accountId} did not start: ${out}`);
    }
  }
  await online(sandbox, since);
}

/** The accepted posts that match, as the texts that people see: an answer that grew is what it became. */
export function texts({ ledger }: Sandbox, filter: LedgerFilter, since = 0): string[] {
  const edits = new Map(ledger.find(edit, since).filter(isAccepted).map(edited));
  return ledger
    .find({ ...filter, kind: "http" }, since)
    .filter(isAccepted)
    .map((post) => edits.get(idOf(post)) ?? text(post));
}

const edit = { server: "dmwork", kind: "http", name: "POST /v1/bot/message/edit" } as const;

function edited({ data }: LedgerEntry): [id: string, text: string] {
  const { message_id: id, content_edit: content } = data["request"] as Record<string, string>;
  return [String(id), (JSON.parse(content ?? "{}") as { content?: string }).content ?? ""];
}

function idOf({ data }: LedgerEntry): string {
  return String((data["response"] as { message_id?: unknown } | undefined)?.message_id);
}

/** A post that the server took. */
export function accepted(filter: LedgerFilter): LedgerQuestion {
  const fits = asPredicate(filter);
  return (entry) => fits(entry) && isAccepted(entry);
}

function isAccepted({ data }: LedgerEntry): boolean {
  return typeof data["status"] === "number" && data["status"] < 300;
}

function text({ data }: LedgerEntry): string {
  const request = data["request"] as { content?: string; payload?: { content?: string } } | undefined;
  return request?.payload?.content ?? request?.content ?? "";
}
