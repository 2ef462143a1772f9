/** People at work: they write, take back, and edit the rules of a group. Each platform gets what its own client would send. */

import type { Sandbox } from "../index.ts";
import { Refusal } from "../refusal.ts";
import { channelTypes } from "../wukong/packet.ts";
import type { Chat } from "./chat.ts";
import { dmworkPayload, isImage, mochatMarkup, type Upload } from "./files.ts";
import type { RulesText } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";
import { people, type Spot } from "./world.ts";

/** Bytes of GROUP.md and THREAD.md that the platform takes. */
const MOST_RULES = 10_240;

/** A message whose fields are checked. */
export interface Words {
  readonly room: string;
  readonly from: string;
  readonly text: string;
  readonly mentions: readonly string[];
  readonly quote: string | undefined;
  readonly file: Upload | undefined;
}

export class Speaker {
  readonly #sandbox: Sandbox;
  readonly #rooms: Rooms;
  readonly #chat: Chat;

  constructor(sandbox: Sandbox, rooms: Rooms, chat: Chat) {
    this.#sandbox = sandbox;
    this.#rooms = rooms;
    this.#chat = chat;
  }

  /** Returns the message's id. */
  say(words: Words): string {
    const spot = this.#spot(words.room);
    this.#check(spot, words);
    return spot.platform === "mochat" ? this.#inMochat(spot, words) : this.#inDmwork(spot, words);
  }

  recall(room: string, messageId: string, by: string): void {
    const spot = this.#spot(room);
    const message = this.#chat.get(messageId);
    if (message?.room !== room) throw new Refusal(404, `messageId: ${room} has no message ${messageId}`);
    if (message.from !== by) throw new Refusal(403, `by: only ${message.from}, who wrote the message, can recall it`);
    const { control, dmwork } = this.#sandbox;
    if (spot.platform === "mochat") {
      control.recall({ ...spot.at, messageId });
      return;
    }
    const { channelId, channelType } = dmwork.office.log.find(BigInt(messageId)) ?? { channelId: "", channelType: 0 };
    // Clients take it off the screen; in the channel's log, which bots read, it stays.
    dmwork.office.command(by, channelId, channelType, "messageRevoke", { message_id: messageId });
    this.#chat.recalled(messageId);
  }

  rules(room: string): RulesText {
    const { rules } = this.#rulesOf(this.#spot(room));
    return { room, text: rules.content, version: rules.version };
  }

  /** As its client does it: the text is replaced, and the group is told of the new version. */
  writeRules(room: string, text: string): RulesText {
    if (Buffer.byteLength(text) > MOST_RULES) {
      throw new Refusal(400, `text: DMWork takes rules of at most ${MOST_RULES} bytes; shorten them`);
    }
    const spot = this.#spot(room);
    const { rules, channelType, event } = this.#rulesOf(spot);
    const [author] = people;
    rules.content = text;
    rules.version += 1;
    rules.updatedBy = author?.id ?? "";
    const uids = spot.bots.map((bot) => this.#rooms.nativeOf("dmwork", bot));
    const { office } = this.#sandbox.dmwork;
    const told = { ...event, version: rules.version, updated_by: rules.updatedBy };
    const payload = { type: 1, content: "rules updated", event: told, mention: { uids } };
    const notice = { fromUid: rules.updatedBy, channelId: spot.channel, channelType };
    office.post({ ...notice, payload: Buffer.from(JSON.stringify(payload)) });
    return this.rules(room);
  }

  #spot(room: string): Spot {
    const spot = this.#rooms.get(room);
    if (spot !== undefined) return spot;
    throw new Refusal(404, `room: there is no ${room}; there are ${this.#rooms.spots.map(({ id }) => id).join(", ")}`);
  }

  #check(spot: Spot, { from, text, mentions, quote, file }: Words): void {
    if (!spot.people.includes(from)) {
      throw new Refusal(403, `from: ${from} is not in ${spot.id}; there are ${spot.people.join(", ")}`);
    }
    if (text.trim() === "" && file === undefined) throw new Refusal(400, "text: write something, or attach a file");
    const known = [...people.map(({ id }) => id), ...this.#rooms.bots.map(({ id }) => id)];
    const allowed = new Set([...known, ...(spot.canCallAll ? ["all"] : [])]);
    const stranger = mentions.find((id) => !allowed.has(id));
    if (stranger !== undefined) {
      throw new Refusal(
        400,
        `mentions: nobody in ${spot.id} is called ${stranger}; there are ${[...allowed].join(", ")}`,
      );
    }
    if (quote !== undefined && this.#chat.get(quote)?.room !== spot.id) {
      throw new Refusal(400, `quote: ${spot.id} has no message ${quote}`);
    }
  }

  #inMochat(spot: Spot, { from, text, mentions, quote, file }: Words): string {
    const ids = mentions.map((id) => this.#rooms.nativeOf("mochat", id));
    // The client writes markup where the name was typed, and in front if it was only chosen.
    const marked = mentions.reduce((left, id, index) => {
      const markup = `[at=${ids[index]}]${this.#rooms.nameOf(id)}[/at] `;
      const typed = `@${this.#rooms.nameOf(id)}`;
      return left.includes(typed) ? left.replace(typed, () => markup.trimEnd()) : `${markup}${left}`;
    }, text);
    const content = file === undefined ? marked : `${marked} ${mochatMarkup(this.#sandbox, file)}`.trim();
    const meta = ids.length === 0 ? {} : { meta: { mentions: ids } };
    return this.#sandbox.control.say({ on: "mochat", from, ...spot.at, content, reply: quote, ...meta }).messageId;
  }

  #inDmwork(spot: Spot, { from, text, mentions, quote, file }: Words): string {
    const { control } = this.#sandbox;
    const place = { on: "dmwork", from, ...spot.at } as const;
    const mention = mentionOf(mentions.map((id) => this.#rooms.nativeOf("dmwork", id)));
    const upload = file === undefined ? undefined : dmworkPayload(this.#sandbox, file);
    const isTogether = upload !== undefined && file !== undefined && isImage(file.type) && text !== "";
    if (isTogether) {
      // Its rich text: words and images in one message.
      const content = [
        { type: "text", text },
        { ...upload, type: "image" },
      ];
      return control.say({ ...place, payload: { type: 14, content, plain: text, ...mention } }).messageId;
    }
    // Other files go ahead as a message of their own.
    const sent =
      upload === undefined
        ? undefined
        : control.say({ ...place, payload: { ...upload, ...(text === "" ? mention : {}) } });
    return text === "" && sent !== undefined
      ? sent.messageId
      : control.say({ ...place, text, reply: quote, ...mention }).messageId;
  }

  #rulesOf(spot: Spot) {
    const { directory } = this.#sandbox.dmwork;
    const { groupNo, threadId } = this.#sandbox.world.dmwork;
    const group = directory.groups.get(groupNo);
    const thread = group?.threads.get(threadId);
    if (spot.kind === "group" && group !== undefined) {
      const event = { type: "group_md_updated", group_no: groupNo };
      return { rules: group.rules, channelType: channelTypes.group, event };
    }
    if (spot.kind === "thread" && thread !== undefined) {
      const event = { type: "thread_md_updated", group_no: groupNo, short_id: threadId };
      return { rules: thread.rules, channelType: channelTypes.thread, event };
    }
    throw new Refusal(400, `room: ${spot.id} has no GROUP.md; DMWork's group and thread have one`);
  }
}

/** The mention object of a payload, where somebody is called. */
function mentionOf(uids: readonly string[]): { mention?: Readonly<Record<string, unknown>> } {
  if (uids.length === 0) return {};
  const isAll = uids.includes("all");
  const named = uids.filter((uid) => uid !== "all");
  return { mention: { uids: named, ...(isAll ? { all: 1 } : {}) } };
}
