/** How the accounts of a trial are configured. */

import type { Channel as Platform } from "../../js/core/account.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { BOT } from "../client/client.ts";
import { rulesOf } from "../soak/channels.ts";

/** Where the account reaches its platform: by socket and by calls. */
type Ways = { wire: string; http: string };

export const configOf: Record<Platform, (sandbox: Sandbox, ways: Ways) => Record<string, unknown>> = {
  dmwork: (sandbox, { wire, http }) => ({
    apiUrl: http,
    wsUrl: `${wire.replace("http:", "ws:")}/ws`,
    botToken: sandbox.world.dmwork.tokens[BOT],
    groups: rulesOf(sandbox),
    historyLimit: 200,
    maxMessagesPerMinute: 0,
  }),
  mochat: ({ world }, { wire, http }) => ({
    baseUrl: http,
    socketUrl: wire,
    clawToken: world.mochat.agents.claw.token,
    agentUserId: world.mochat.agents.claw.userId,
    replyDelayMode: "off",
    maxMessagesPerMinute: 0,
  }),
};
