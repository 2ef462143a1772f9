/** Written by `npm run types` from src/reason.rs: what there is to say about each reason. */
import type { Reason } from "./protocol.ts";

export type About = { sentence: string; configKey: string | null; fix: string | null };

export const REASONS: Readonly<Record<Reason, About>> = {
  "access-denied": {
    "configKey": "dmPolicy, allowFrom, groupPolicy, groupAllowFrom",
    "fix": "Add the sender to `allowFrom` (direct messages) or `groupAllowFrom` (shared places), or open the policy.",
    "sentence": "The sender may not speak to the bot here."
  },
  "access-unknown": {
    "configKey": null,
    "fix": "The gateway's log tells what failed at that time. Then `openclaw <channel> dead-letters --replay <id>` tries it again.",
    "sentence": "The host did not say whether the sender may speak."
  },
  "answer-unsent": {
    "configKey": null,
    "fix": "The gateway's log tells what failed at that time, and the agent's session holds the answer. `openclaw <channel> dead-letters --replay <id>` asks the agent again.",
    "sentence": "Its answer was found when the gateway was back, and could not be sent."
  },
  "bot-loop": {
    "configKey": "maxBotTurns",
    "fix": "A person's message or ten quiet minutes let the bots go on. Raise `maxBotTurns` for longer exchanges.",
    "sentence": "Other bots have had their turns here, and no person has spoken since."
  },
  "cleared": {
    "configKey": null,
    "fix": null,
    "sentence": "A new conversation was begun before anybody asked."
  },
  "core-fault": {
    "configKey": null,
    "fix": "This is a fault of the plugin: please report it with the lines about `core trapped` in the gateway's log.",
    "sentence": "Reading it stopped the plugin's core twice, so it was given up."
  },
  "direct": {
    "configKey": null,
    "fix": null,
    "sentence": "A direct message is always answered."
  },
  "empty": {
    "configKey": null,
    "fix": null,
    "sentence": "It has no text."
  },
  "forgotten": {
    "configKey": "historyLimit",
    "fix": "Raise `historyLimit` if the agent should read further back.",
    "sentence": "Newer messages pushed it out of the context of its place."
  },
  "handled-by-host": {
    "configKey": null,
    "fix": null,
    "sentence": "The host handled it without running the agent."
  },
  "mentioned": {
    "configKey": null,
    "fix": null,
    "sentence": "The bot was mentioned."
  },
  "no-mention-needed": {
    "configKey": "groups.<id>.requireMention",
    "fix": "Set `requireMention: true` for this place if the bot should only answer when it is called.",
    "sentence": "This place needs no mention."
  },
  "not-listed-here": {
    "configKey": "groups.<id>.allowFrom",
    "fix": "Add the sender's uid to the group's `allowFrom`, or remove the list.",
    "sentence": "Its sender is not on the list of this group."
  },
  "not-mentioned": {
    "configKey": "groups.<id>.requireMention",
    "fix": "Mention the bot, or set `requireMention: false` for this place.",
    "sentence": "This place needs a mention; the message is kept as context."
  },
  "omitted": {
    "configKey": "replyDelayMs",
    "fix": "Shorten `replyDelayMs` or `replyDelayMaxMs`, so that less has time to gather.",
    "sentence": "So much was said after it that it no longer fitted into the answer's prompt."
  },
  "other-bot": {
    "configKey": "allowBots",
    "fix": "Set `allowBots` if this bot should hear other bots.",
    "sentence": "Another bot wrote it, and bots are not heard here."
  },
  "own-message": {
    "configKey": null,
    "fix": null,
    "sentence": "The bot wrote it itself."
  },
  "pairing-asked": {
    "configKey": "dmPolicy, allowFrom, groupPolicy, groupAllowFrom",
    "fix": "Run `openclaw pairing approve <channel> <code> --account <id>`, or add the sender to `allowFrom`.",
    "sentence": "The sender is unknown and was given a pairing code."
  },
  "recalled": {
    "configKey": null,
    "fix": null,
    "sentence": "It was taken back or deleted before it was answered."
  },
  "said-before": {
    "configKey": null,
    "fix": null,
    "sentence": "It was said before the bot listened in this place; it is kept as context."
  },
  "system-message": {
    "configKey": null,
    "fix": null,
    "sentence": "The platform wrote it."
  },
  "too-fast": {
    "configKey": "maxMessagesPerMinute",
    "fix": "Raise `maxMessagesPerMinute`; 0 lifts the limit.",
    "sentence": "Its sender wrote more messages within a minute than are answered."
  },
  "turn-failed": {
    "configKey": null,
    "fix": "The gateway's log tells what failed at that time; look at the model and its credentials first. Then `openclaw <channel> dead-letters --replay <id>` tries it again.",
    "sentence": "The host could not run the agent for it."
  },
  "unreadable": {
    "configKey": null,
    "fix": "Update the plugin: a newer version has written it.",
    "sentence": "The stored record is not readable by this version."
  }
};
