/** Where people ask in this run, and how an answer shows its place. */

import type { Sandbox } from "../../sandbox/index.ts";
import type { LedgerEntry } from "../../sandbox/ledger.ts";

export type Place = {
  /** As `postOf` names it. */
  key: string;
  say(text: string): void;
  /** The bots that have to answer there. */
  bots: readonly string[];
};

export function placesOf({ control, world }: Sandbox): Place[] {
  const { groupNo, threadChannel } = world.dmwork;
  const { agents, ownerSession, teamSession, panels } = world.mochat;
  const [claw, scout] = [agents.claw.userId, agents.scout.userId];
  const both = ["reviewer_bot", "helper_bot"];
  const direct = (from: string, bot: string): Place => ({
    key: `${bot}: 1 ${from}`,
    say: (text) => void control.say({ on: "dmwork", from, dm: bot, text }),
    bots: [bot],
  });
  const mentions = { dmwork: { mention: both }, mochat: { mentions: [claw, scout] } };
  return [
    direct("ann", "reviewer_bot"),
    direct("bob", "reviewer_bot"),
    direct("ann", "helper_bot"),
    {
      key: `2 ${groupNo}`,
      say: (text) => void control.say({ on: "dmwork", from: "bob", group: groupNo, text, ...mentions.dmwork }),
      bots: both,
    },
    {
      key: `5 ${threadChannel}`,
      say: (text) => void control.say({ on: "dmwork", from: "ann", thread: threadChannel, text, ...mentions.dmwork }),
      bots: both,
    },
    {
      key: `session ${ownerSession}`,
      say: (text) => void control.say({ on: "mochat", from: "ann", session: ownerSession, text }),
      bots: [claw],
    },
    {
      key: `session ${teamSession}`,
      say: (text) => void control.say({ on: "mochat", from: "bob", session: teamSession, text, mentions: [claw] }),
      bots: [claw],
    },
    {
      key: `panel ${panels.random}`,
      say: (text) => void control.say({ on: "mochat", from: "ann", panel: panels.random, text, ...mentions.mochat }),
      bots: [claw, scout],
    },
  ];
}

export type Post = { who: string; place: string; text: string };

/** A post that a server took, or nothing. */
export function postOf({ kind, name, who, data }: LedgerEntry): Post | undefined {
  if (kind !== "http" || typeof data["status"] !== "number" || data["status"] >= 300) return undefined;
  const request = Object(data["request"]) as Record<string, string | number>;
  const text = JSON.stringify(request);
  const { channel_type: type, channel_id: id, sessionId, panelId } = request;
  switch (name) {
    case "POST /v1/bot/sendMessage":
      return { who, place: type === 1 ? `${who}: 1 ${id}` : `${type} ${id}`, text };
    case "POST /api/claw/sessions/send":
      return { who, place: `session ${sessionId}`, text };
    case "POST /api/claw/groups/panels/send":
      return { who, place: `panel ${panelId}`, text };
    default:
      return undefined;
  }
}
