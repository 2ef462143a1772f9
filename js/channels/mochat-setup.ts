/** Carries out the setup of a Mochat account: what to ask, call and write is the core's word. */
import { messageOf } from "../core/errors.ts";
import { Setup } from "../core/setup.ts";
import type { Found, SetupFacts, SetupOrder, SetupReport } from "../core/protocol.ts";
import { readSecret, type OpenClawConfig, type WizardPrompter } from "../host/sdk.ts";
import { credentialsPaths, readCredentials, saveCredentials } from "../io/credentials.ts";
import { accountIds, resolveAccount } from "./accounts.ts";

/** Where the platform's documentation keeps a token, if not in a file. */
const ENVIRONMENT = { source: "env", provider: "default", id: "MOCHAT_TOKEN" };

/** What the operator wants. */
export type Wishes = Pick<
  SetupFacts,
  "name" | "email" | "greeting" | "baseUrl" | "agentId" | "invite" | "noOwner" | "given"
>;

export type Ask = (question: Extract<SetupOrder, { kind: "ask" }>) => Promise<string>;

export type Scene = {
  cfg: OpenClawConfig;
  accountId: string;
  wishes: Partial<Wishes>;
  /** Absent where nobody can be asked. */
  ask?: Ask | undefined;
  /** Hears what is going on. */
  tell: (doing: string) => void;
  /** Sets keys of the account in the configuration. */
  configure: (keys: Record<string, unknown>) => Promise<void>;
};

/** Brings an account from whatever is there to one that works. Rejects only if somebody ends the dialogue. */
export async function setUpMochat(scene: Scene): Promise<SetupReport> {
  using setup = await Setup.open(await factsOf(scene));
  let order = setup.tell("started");
  while (order.kind !== "finish") order = await carryOut(scene, setup, order);
  return order.report;
}

/** The core's questions, by the gateway's own dialogue. */
export function questions(prompter: WizardPrompter): Ask {
  return ({ message, secret, optional, complaint }) =>
    prompter.text({
      message: complaint === undefined ? message : `${complaint} ${message}`,
      sensitive: secret,
      ...(optional ? {} : { validate: (text) => (text.trim() ? undefined : "This can't be left empty.") }),
    });
}

type Task = Exclude<SetupOrder, { kind: "finish" }>;

async function carryOut({ ask, tell, configure }: Scene, setup: Setup, order: Task): Promise<SetupOrder> {
  switch (order.kind) {
    case "ask":
      if (!ask) throw new Error("the core asked where nobody can be asked");
      return setup.tell("answered", await ask(order));
    case "call":
      tell(order.doing);
      return setup.called();
    case "saveCredentials":
      return attempt(setup, () => saveCredentials(order.path, order.text));
    case "configure":
      return attempt(setup, () => configure(JSON.parse(order.keys)));
    default:
      return unreachable(order);
  }
}

async function attempt(setup: Setup, write: () => void | Promise<void>): Promise<SetupOrder> {
  try {
    await write();
    return setup.tell("written");
  } catch (error) {
    return setup.tell("notWritten", messageOf(error));
  }
}

async function factsOf({ cfg, accountId, wishes, ask }: Scene): Promise<SetupFacts> {
  const configured = await configuredToken(cfg, accountId);
  const environment = { ...(await readSecret(cfg, ENVIRONMENT)), reference: ENVIRONMENT };
  const others: Record<string, string> = {};
  for (const id of accountIds(cfg, "mochat")) {
    const token = id === accountId ? undefined : (await configuredToken(cfg, id))?.token;
    if (token !== undefined) others[token] = id;
  }
  return {
    invite: false,
    noOwner: false,
    ...wishes,
    account: accountId,
    interactive: ask !== undefined,
    now: new Date().toISOString(),
    ...(configured ? { configured } : {}),
    environment,
    files: credentialsPaths(accountId).map(readCredentials),
    others,
    config: resolveAccount(cfg, "mochat", accountId).config,
  };
}

async function configuredToken(cfg: OpenClawConfig, accountId: string): Promise<Found | undefined> {
  const { configured, config } = resolveAccount(cfg, "mochat", accountId);
  const value = config["clawToken"];
  if (!configured) return undefined;
  if (typeof value === "string") return { token: value.trim() };
  return { ...(await readSecret(cfg, value)), reference: value };
}

/** Fails to compile when the core learns an order that has no place above. */
function unreachable(order: never): never {
  throw new Error(`unknown order: ${JSON.stringify(order)}`);
}
