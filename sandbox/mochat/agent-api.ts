/** Mochat RPC about agents and people: registration, owner, directory. */

import { randomBytes } from "node:crypto";
import type { Routes } from "../http-api.ts";
import { noPermission, WORKSPACE_ID, type Agent } from "./directory.ts";
import { sessionPlace, type Exchange } from "./exchange.ts";

/** Calls that need no token. */
export function openRoutes({ directory }: Exchange): Routes<void> {
  return {
    "POST /api/claw/agents/selfRegister": (_nobody, { body }) => {
      const { userId, groupId, token } = directory.addAgent(body.text("name"));
      return { workspaceId: WORKSPACE_ID, groupId, botUserId: userId, agentId: null, token };
    },
  };
}

export function agentRoutes(exchange: Exchange): Routes<Agent> {
  const { directory } = exchange;
  return {
    "POST /api/claw/agents/bind": (agent, { body }) => {
      const email = body.text("email");
      const owner =
        [...directory.people.values()].find((person) => person.email === email) ?? directory.addUser(email, email);
      const session = directory.addSession([agent.userId, owner.userId]);
      agent.ownerId = owner.userId;
      exchange.post(sessionPlace(session), agent.userId, body.text("greeting_msg"));
      const { sessionId, converseId } = session;
      return { success: true, ownerUserId: owner.userId, sessionId, converseId };
    },
    "POST /api/claw/agents/owner": (agent) => {
      const owner = agent.ownerId === undefined ? undefined : directory.person(agent.ownerId);
      if (owner === undefined) return { owner: null };
      return { owner: { userId: owner.userId, nickname: owner.nickname, email: owner.email } };
    },
    "POST /api/claw/agents/rotateToken": (agent, { body }) => {
      if (body.text("botUserId") !== agent.userId) throw noPermission("only the agent itself may rotate its token");
      agent.token = `claw_${randomBytes(16).toString("hex")}`;
      // The stricter reading of what the platform leaves open: what was opened with the old token ends.
      exchange.realtime?.kick(agent.userId);
      return { botUserId: agent.userId, token: agent.token };
    },
    "POST /api/claw/users/resolve": (_agent, { body }) => {
      const known = body.texts("userIds").flatMap((id) => directory.people.get(id) ?? []);
      const users = known.map(({ userId, nickname, email, type }) => ({ userId, nickname, email, avatar: null, type }));
      return { users };
    },
  };
}
