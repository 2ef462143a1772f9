/** The calls of the local API, as protocol.ts describes them: fields are checked here, everything else is done elsewhere. */

import type { Fields } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import type { Upload } from "./files.ts";
import { historyOf } from "./history.ts";
import type { Playground } from "./index.ts";
import type { Done, Platform, Prompt, Said, SettingValue, Why } from "./protocol.ts";
import type { BotIdentity } from "./world.ts";
import type { Api } from "./server.ts";
import { troubles } from "./trouble.ts";

/** Bytes of one attached file: larger than most that people send, small enough for a call. */
const MOST_FILE = 5 << 20;

const DONE: Done = {};
const platforms: readonly Platform[] = ["mochat", "dmwork"];

export function apiOf(playground: Playground): Api {
  const { chat, events, prompts, settings, speaker, traces, troubles: trouble } = playground;
  return {
    events,
    file: (messageId) => chat.file(messageId),
    get: {
      "group-md": (fields) => speaker.rules(fields.text("room")),
      history: (fields) => historyOf(playground, botOf(playground, fields), fields.text("room")),
      prompt: (fields): Prompt => {
        const [{ id: bot }, turn] = [botOf(playground, fields), fields.text("turn")];
        return { bot, turn, requests: prompts.of(turn) };
      },
      why: (fields): Why => {
        const [bot, message] = [botOf(playground, fields), fields.text("message")];
        const text = traces.why(bot, message);
        if (text === undefined) throw new Refusal(404, `message: ${bot.id} has not heard of ${message}`);
        return { text };
      },
    },
    post: {
      say: (fields): Said => {
        const messageId = speaker.say({
          room: fields.text("room"),
          from: fields.text("from"),
          text: fields.textOr("text", ""),
          mentions: fields.texts("mentions"),
          quote: fields.maybeText("quote"),
          file: uploadIn(fields),
        });
        return { messageId };
      },
      recall: (fields) => {
        speaker.recall(fields.text("room"), fields.text("messageId"), fields.text("by"));
        return DONE;
      },
      "group-md": (fields) => speaker.writeRules(fields.text("room"), fields.textOr("text", "")),
      trouble: async (fields) => {
        await trouble.make(
          oneOf(fields, "what", troubles),
          fields.has("on") ? oneOf(fields, "on", platforms) : undefined,
        );
        return DONE;
      },
      setting: (fields) => {
        const setting = settings.change(fields.text("bot"), fields.text("key"), valueIn(fields));
        events.send({ type: "settings", settings: settings.all() });
        return setting;
      },
    },
  };
}

function botOf({ rooms }: Playground, fields: Fields): BotIdentity {
  const id = fields.text("bot");
  const bot = rooms.bot(id);
  if (bot !== undefined) return bot;
  throw new Refusal(404, `bot: there is no ${id}; there are ${rooms.bots.map((one) => one.id).join(", ")}`);
}

function uploadIn(fields: Fields): Upload | undefined {
  const file = fields.maybeObject("file");
  if (file === undefined) return undefined;
  const bytes = Buffer.from(file.text("base64"), "base64");
  if (bytes.length === 0) throw new Refusal(400, "file.base64 must be the file's bytes as base64");
  if (bytes.length > MOST_FILE) throw new Refusal(413, "file: attach one of at most 5 MB");
  // Of a path only the name is anybody's business.
  const name = file.text("name").split(/[/\\]/).at(-1) ?? "";
  return { name, type: file.textOr("type", "") || "application/octet-stream", bytes };
}

function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T {
  const value = fields.text(key);
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw new Refusal(400, `${key} must be one of ${allowed.join(", ")}`);
  return found;
}

function valueIn({ raw }: Fields): SettingValue | null {
  const value = raw["value"];
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new Refusal(400, "value must be a text, a number, true, false, a list of texts, or null to take it away");
}
