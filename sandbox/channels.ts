/** The configuration of both channels for the seeded world: two bots on each, open to everybody in it. */

import type { Sandbox } from "./index.ts";

const OPEN = { dmPolicy: "open", allowFrom: ["*"], groupPolicy: "open" } as const;

/** Account ids as the configuration spells them. */
export const accounts = { mochat: ["claw", "scout"], dmwork: ["reviewer", "helper"] } as const;

export interface ChannelsOptions {
  /** Quiet time before a panel's small talk is answered. */
  replyDelayMs?: number;
  /** More keys for single accounts, by account id. */
  accounts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export function channels({ urls, world }: Sandbox, options: ChannelsOptions = {}): Record<string, unknown> {
  const extra = (id: string) => options.accounts?.[id] ?? {};
  const { claw, scout } = world.mochat.agents;
  return {
    mochat: {
      baseUrl: urls.mochat,
      replyDelayMs: options.replyDelayMs ?? 2_000,
      ...OPEN,
      accounts: {
        claw: {
          clawToken: claw.token,
          agentUserId: claw.userId,
          // It joins the small talk of #build, and answers in #random when it is called.
          groups: { [world.mochat.panels.random]: { requireMention: true } },
          ...extra("claw"),
        },
        // Only called by name: otherwise both agents would join every conversation of the panel.
        scout: {
          clawToken: scout.token,
          agentUserId: scout.userId,
          mention: { requireInGroups: true },
          ...extra("scout"),
        },
      },
    },
    dmwork: {
      apiUrl: urls.dmwork,
      ...OPEN,
      accounts: {
        reviewer: { botToken: world.dmwork.tokens.reviewer_bot, ...extra("reviewer") },
        helper: { botToken: world.dmwork.tokens.helper_bot, ...extra("helper") },
      },
    },
  };
}
