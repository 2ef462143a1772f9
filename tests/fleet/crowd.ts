/** Many accounts on both platforms, each with somebody who talks to it directly. */

import { join } from "node:path";
import type { Sandbox } from "../../sandbox/index.ts";
import type { Fault } from "./faults.ts";
import type { AccountPlan } from "./messages.ts";

export type Member = {
  plan: AccountPlan;
  /** Its person writes to it. */
  say: (text: string) => void;
};

/** As many of DMWork as of Mochat; every turn is answered. */
export function crowd(sandbox: Sandbox, folder: string, size: number): Member[] {
  return Array.from({ length: size }, (_, index) => (index % 2 === 0 ? dmwork : mochat)(sandbox, folder, `a${index}`));
}

/** The same account with something wrong: its settings name this server, if it is another one. */
export function broken(member: Member, fault: Fault, url: string): Member {
  const { plan } = member;
  const wrong = {
    ...(fault === "bad token" ? { botToken: "bf_wrong" } : {}),
    ...(fault === "slow server" ? { apiUrl: url, wsUrl: `${url.replace("http:", "ws:")}/ws` } : {}),
  };
  return { ...member, plan: { ...plan, fault, config: { ...plan.config, ...wrong } } };
}

function dmwork({ dmwork: server, urls }: Sandbox, folder: string, accountId: string): Member {
  const { token } = server.addBot(accountId, "ann");
  const config = { apiUrl: urls.dmwork, botToken: token, maxMessagesPerMinute: 0 };
  return {
    plan: { channel: "dmwork", accountId, config, store: join(folder, `${accountId}.sqlite`), answerOneIn: 1 },
    say: (text) => void server.say({ from: "ann", dm: accountId, text }),
  };
}

function mochat({ mochat: server, urls, world }: Sandbox, folder: string, accountId: string): Member {
  const { ownerId } = world.mochat;
  const agent = server.directory.addAgent(accountId);
  agent.ownerId = ownerId;
  const session = server.directory.addSession([ownerId, agent.userId]).sessionId;
  const own = { baseUrl: urls.mochat, clawToken: agent.token, agentUserId: agent.userId };
  const config = { ...own, replyDelayMode: "off", maxMessagesPerMinute: 0 };
  return {
    plan: { channel: "mochat", accountId, config, store: join(folder, `${accountId}.sqlite`), answerOneIn: 1 },
    say: (text) => void server.say({ from: "ann", session, text }),
  };
}
