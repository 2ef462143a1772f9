/** Carries out the setup of an account: what to ask, call and write is the core's word. */
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import { Setup } from "../core/setup.ts";
import type { Found, SetupFacts, SetupOrder, SetupReport } from "../core/protocol.ts";
import { readSecret, type OpenClawConfig, type WizardPrompter } from "../host/sdk.ts";
import { credentialsPaths, readCredentials, saveCredentials } from "../io/credentials.ts";
import { accountIds, resolveAccount, TOKEN_KEYS } from "./accounts.ts";
import { boundAgent } from "./bindings.ts";

/** Where the platforms' documentation keeps a token, if not in a file. */
const VARIABLES = { mochat: "MOCHAT_TOKEN", dmwork: "DMWORK_BOT_TOKEN" } as const;

/** What the operator wants. */
export type Wishes = Pick<
  SetupFacts,
  | "name"
  | "email"
  | "greeting"
  | "baseUrl"
  | "agentId"
  | "invite"
  | "noOwner"
  | "given"
  | "apiUrl"
  | "bot"
  | "username"
  | "space"
  | "dms"
  | "agent"
  | "noGreeting"
>;

export type Ask = (question: Extract<SetupOrder, { kind: "ask" }>) => Promise<string>;

/** What to write into the configuration. */
export type Changes = Pick<Extract<SetupOrder, { kind: "configure" }>, "dmScope" | "agent"> & {
  /** Keys of the account. */
  keys: Record<string, unknown>;
};

export type Scene = {
  channel: Channel;
  cfg: OpenClawConfig;
  accountId: string;
  wishes: Partial<Wishes>;
  /** Absent where nobody can be asked. */
  ask?: Ask | undefined;
  /** Hears what is going on. */
  tell: (doing: string) => void;
  /** Changes the configuration. */
  configure: (changes: Changes) => Promise<void>;
};

/** Brings an account from whatever is there to one that works. Rejects only if somebody ends the dialogue. */
export async function setUp(scene: Scene): Promise<SetupReport> {
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
      return attempt(setup, () => configure({ ...order, keys: JSON.parse(order.keys) }));
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

async function factsOf({ channel, cfg, accountId, wishes, ask }: Scene): Promise<SetupFacts> {
  const variable = { source: "env", provider: "default", id: VARIABLES[channel] };
  const configured = await configuredSecret(cfg, channel, accountId, TOKEN_KEYS[channel]);
  const userKey = channel === "dmwork" && (await configuredSecret(cfg, channel, accountId, "userApiKey"));
  const environment = { ...(await readSecret(cfg, variable)), reference: variable };
  const others: Record<string, string> = {};
  for (const id of accountIds(cfg, channel)) {
    const found = id === accountId ? undefined : await configuredSecret(cfg, channel, id, TOKEN_KEYS[channel]);
    if (found?.token !== undefined) others[found.token] = id;
  }
  const boundTo = boundAgent(cfg, channel, accountId);
  return {
    invite: false,
    noOwner: false,
    ...wishes,
    channel,
    account: accountId,
    interactive: ask !== undefined,
    now: new Date().toISOString(),
    ...(configured ? { configured } : {}),
    ...(userKey ? { userKey } : {}),
    ...(boundTo === undefined ? {} : { boundTo }),
    ...(cfg.session?.dmScope ? { dmScope: cfg.session.dmScope } : {}),
    environment,
    files: channel === "mochat" ? credentialsPaths(accountId).map(readCredentials) : [],
    others,
    config: resolveAccount(cfg, channel, accountId).config,
  };
}

async function configuredSecret(
  cfg: OpenClawConfig,
  channel: Channel,
  accountId: string,
  key: string,
): Promise<Found | undefined> {
  const value = resolveAccount(cfg, channel, accountId).config[key];
  if (typeof value === "string") return value.trim() ? { token: value.trim() } : undefined;
  return value instanceof Object ? { ...(await readSecret(cfg, value)), reference: value } : undefined;
}

/** Fails to compile when the core learns an order that has no place above. */
function unreachable(order: never): never {
  throw new Error(`unknown order: ${JSON.stringify(order)}`);
}
