/** Written by `npm run types` from src/config/retired.rs: keys of older plugins, and why they have no effect. */
import type { Channel } from "./account.ts";

export const RETIRED: Readonly<Record<Channel, Readonly<Record<string, string>>>> = {
  "dmwork": {
    "agentModel": "A model is an agent's: set it there, and `openclaw dmwork setup --agent <id>` gives that agent the account.",
    "botUid": "The server tells it when the bot registers.",
    "onBehalfOf": "The bot speaks as itself, and never as a person.",
    "pollIntervalMs": "Messages come by themselves, and the queue of missed ones is looked at every five minutes.",
    "systemPrompt": "Instructions for all groups stand in `groups.\"*\".systemPrompt`. Any other prompt is an agent's: write it there, and `openclaw dmwork setup --agent <id>` gives that agent the account."
  },
  "mochat": {
    "maxRetryAttempts": "The plugin never gives up on a connection, whatever number stands here.",
    "retryDelayMs": "Whether and when a call is repeated depends on how it failed.",
    "socketConnectTimeoutMs": "The plugin knows how long each step may take.",
    "socketMaxReconnectDelayMs": "A lost connection is tried again for as long as it takes, with growing pauses.",
    "socketReconnectDelayMs": "A lost connection is tried again for as long as it takes, with growing pauses.",
    "watchLimit": "As much is asked for as the server gives at once.",
    "watchTimeoutMs": "The plugin knows how long each step may take."
  }
};
