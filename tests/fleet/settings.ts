/** The settings of the world's two bots, by way of a network that can be disturbed. */

import type { FaultProxy } from "../../sandbox/fault-proxy.ts";
import type { Platform } from "../../sandbox/control.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { BOT } from "../talk/bot.ts";
import { rulesOf } from "../talk/channels.ts";

/** The way of the socket, and that of the calls. */
export type Network = { wire: Pick<FaultProxy, "url">; http: Pick<FaultProxy, "url"> };

/** Nothing waits but for the network: no limit, no delay. */
export function settingsOf(platform: Platform, sandbox: Sandbox, network: Network): Record<string, unknown> {
  return platform === "dmwork" ? dmwork(sandbox, network) : mochat(sandbox, network);
}

function dmwork(sandbox: Sandbox, { wire, http }: Network) {
  return {
    apiUrl: http.url,
    wsUrl: `${wire.url.replace("http:", "ws:")}/ws`,
    botToken: sandbox.world.dmwork.tokens[BOT],
    groups: rulesOf(sandbox),
    historyLimit: 200,
    maxMessagesPerMinute: 0,
  };
}

function mochat({ world }: Sandbox, { wire, http }: Network) {
  const { token, userId } = world.mochat.agents.claw;
  return {
    baseUrl: http.url,
    socketUrl: wire.url,
    clawToken: token,
    agentUserId: userId,
    replyDelayMode: "off",
    maxMessagesPerMinute: 0,
  };
}
