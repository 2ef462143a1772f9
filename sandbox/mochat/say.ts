/** What a person writes in a Mochat client, as the message that the client sends. */

import type { Message } from "./conversation.ts";
import { missing, noPermission } from "./directory.ts";
import { panelPlace, sessionPlace, type Exchange, type Place } from "./exchange.ts";

/** Exactly one of `session` and `panel` names the place. */
export interface MochatSay {
  /** A user id, nickname or e-mail. */
  from: string;
  session?: string | undefined;
  panel?: string | undefined;
  text?: string | undefined;
  /** Users, by id, nickname or e-mail. As the web client does, the text gets their markup and the meta their ids. */
  mentions?: readonly string[] | undefined;
  /** The id of the message that this one answers. */
  reply?: string | undefined;
  /** Merged over the meta that mentions and reply make. */
  meta?: Readonly<Record<string, unknown>> | undefined;
  /** Replaces the text, also by something that is no string. */
  content?: unknown;
}

/** The author of the platform's own notices ("X joined"); they travel like any message. */
export const SYSTEM_USER_ID = "000000000000000000000000";

export function say(exchange: Exchange, what: MochatSay): Message {
  const place = placeOf(exchange, what);
  const author = exchange.directory.person(what.from);
  if (author.userId !== SYSTEM_USER_ID && !place.members.has(author.userId)) {
    throw noPermission(`${author.nickname} is not a member of ${place.id}`);
  }
  const mentioned = (what.mentions ?? []).map((reference) => exchange.directory.person(reference));
  const markup = mentioned.map(({ userId, nickname }) => `[at=${userId}]${nickname}[/at] `).join("");
  const meta = {
    ...(mentioned.length === 0 ? {} : { mentions: mentioned.map(({ userId }) => userId) }),
    ...(what.reply === undefined ? {} : { reply: quote(exchange, place, what.reply) }),
    ...what.meta,
  };
  return exchange.post(place, author.userId, what.content ?? `${markup}${what.text ?? ""}`, meta);
}

/** The place by its id alone: tests and the demo see everything. */
export function placeOf({ directory }: Exchange, { session, panel }: Pick<MochatSay, "session" | "panel">): Place {
  const found = session === undefined ? undefined : directory.sessions.get(session);
  if (found !== undefined) return sessionPlace(found);
  for (const group of directory.groups.values()) {
    const known = panel === undefined ? undefined : group.panels.get(panel);
    if (known !== undefined) return panelPlace(group, known);
  }
  throw missing(`session or panel ${session ?? panel ?? ""}`);
}

function quote(exchange: Exchange, place: Place, messageId: string): object {
  const message = exchange.conversation(place.id).find(messageId);
  if (message === undefined) throw missing(`message ${messageId}`);
  return { _id: messageId, author: message.author, content: message.content };
}
