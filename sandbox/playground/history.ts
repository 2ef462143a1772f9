/** What would go along with the next question: the bot's own store says which messages it keeps, the room what they say. */

import { Refusal } from "../refusal.ts";
import type { Playground } from "./index.ts";
import type { HistoryLine, HistoryWindow } from "./protocol.ts";
import type { BotIdentity, Spot } from "./world.ts";

/** The plugin's defaults, as the reference of the configuration names them. */
const DEFAULT_LIMIT = 20;
const DEFAULT_RULES = "prompt";

export function historyOf(
  { chat, rooms, settings, speaker, traces }: Playground,
  { id: bot }: BotIdentity,
  room: string,
): HistoryWindow {
  const spot = rooms.get(room);
  if (spot?.bots.includes(bot) !== true) throw new Refusal(404, `room: ${bot} hears nothing in ${room}`);
  const kept = traces
    .all()
    .filter((trace) => trace.bot === bot && trace.room === room && trace.path.standing === "kept");
  const entries = kept
    .toSorted((one, other) => one.path.receivedAt - other.path.receivedAt)
    .flatMap(({ path: { id } }): HistoryLine[] => {
      const message = chat.get(id);
      return message === undefined ? [] : [{ id, from: message.from, text: message.text, at: message.at }];
    });
  const decides = (key: string) =>
    [`groups.${spot.channel}.${key}`, key].find((name) => settings.value(bot, name) !== null) ?? key;
  const limitKey = isShared(spot) ? decides("historyLimit") : null;
  const limit = limitKey === null ? null : Number(settings.value(bot, limitKey) ?? DEFAULT_LIMIT);
  const rules = spot.hasRules ? speaker.rules(room) : undefined;
  const as = String(settings.value(bot, decides("groupRules")) ?? DEFAULT_RULES);
  return {
    room,
    bot,
    entries,
    limit,
    limitKey,
    rules: rules === undefined || rules.version === 0 ? null : { ...rules, as },
  };
}

/** Only what is said among many is kept. */
function isShared({ kind }: Spot): boolean {
  return kind !== "direct";
}
