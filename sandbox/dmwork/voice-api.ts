/** The bot API's words for transcription, which belong to the bot's owner. */

import type { Routes } from "../http-api.ts";
import { businessError } from "./dialect.ts";
import { timestamp, type Bot } from "./directory.ts";

/** Characters. */
const CONTEXT_MAX = 10_000;

export function voiceRoutes(): Routes<Bot> {
  const contexts = new Map<string, { context: string; at: string }>();
  return {
    "GET /v1/bot/voice/context": ({ ownerUid }) => {
      const known = contexts.get(ownerUid);
      const words = { context: known?.context ?? "", updated_at: known?.at ?? null };
      return { status: 200, has_context: known !== undefined, ...words };
    },
    "PUT /v1/bot/voice/context": ({ ownerUid }, { body }) => {
      const context = body.textOr("context", "");
      if (context.trim() === "") throw businessError("context must not be empty");
      if (Array.from(context).length > CONTEXT_MAX) throw businessError("context is too long");
      contexts.set(ownerUid, { context, at: timestamp() });
    },
    "DELETE /v1/bot/voice/context": ({ ownerUid }) => void contexts.delete(ownerUid),
  };
}
