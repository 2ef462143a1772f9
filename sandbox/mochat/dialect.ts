/** How the Mochat RPC recognizes agents, limits them and words its answers. */

import type { IncomingMessage } from "node:http";
import type { Dialect } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import type { Agent, Directory } from "./directory.ts";

const MINUTE_MS = 60_000;

/** `perMinute` is 120 on the platform; undefined switches the limit off. */
export function mochatDialect(directory: Directory, perMinute: number | undefined): Dialect<Agent> {
  const recent = new Map<string, number[]>();
  return {
    server: "mochat",
    credentialHeader: "x-claw-token",
    badRequest: 422,
    authenticate: (request) => authenticate(directory, request),
    admit: ({ userId }) => {
      if (perMinute === undefined) return;
      const now = Date.now();
      const calls = (recent.get(userId) ?? []).filter((at) => at > now - MINUTE_MS);
      recent.set(userId, [...calls, now]);
      if (calls.length >= perMinute) throw new Refusal(429, "Too many requests", { name: "RATE_LIMITED" });
    },
    nameOf: (agent) => agent.userId,
    accept: (data) => ({ code: 200, data: data ?? null }),
    refuse: ({ status, message, extra }) => ({ code: status, name: extra.name ?? "Error", message }),
  };
}

function authenticate(directory: Directory, request: IncomingMessage): Agent {
  const agent = directory.agentByToken(String(request.headers["x-claw-token"] ?? ""));
  if (agent === undefined) throw new Refusal(401, "Token invalid", { name: "UnauthorizedError" });
  return agent;
}
