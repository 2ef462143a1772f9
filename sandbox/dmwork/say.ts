/** What a person writes in a DMWork client, as the message that the client sends. */

import { channelTypes, type Flags } from "../wukong/packet.ts";
import { businessError } from "./dialect.ts";
import type { Draft } from "./message-log.ts";
import type { PostOffice } from "./post-office.ts";

/** Exactly one of `dm`, `group` and `thread` names the place. */
export interface DmworkSay {
  from: string;
  /** The uid on the other side. */
  dm?: string | undefined;
  /** A group_no. */
  group?: string | undefined;
  /** A whole thread channel id: group_no, four underscores, short_id. */
  thread?: string | undefined;
  text?: string | undefined;
  /** The payload's mention object as a client writes it; a list of uids stands for `{uids}`. */
  mention?: readonly string[] | Readonly<Record<string, unknown>> | undefined;
  /** The id of the quoted message. */
  reply?: bigint | string | undefined;
  /** Replaces the payload altogether; bytes are sent as they are, valid or not. */
  payload?: Readonly<Record<string, unknown>> | Buffer | undefined;
  flags?: Partial<Flags> | undefined;
  setting?: number | undefined;
  clientMsgNo?: string | undefined;
  /** With the stream bit in `setting`, for clients of version 2 to 4. */
  stream?: Draft["stream"];
  topic?: string | undefined;
}

export function draftOf(office: PostOffice, what: DmworkSay): Draft {
  const { from, flags, setting, clientMsgNo, stream, topic } = what;
  const { channelId, channelType } = placeOf(what);
  const refusal = office.directory.refusal(from, channelId, channelType);
  if (refusal !== undefined) throw businessError(`${from} cannot write to ${channelId}: ${refusal}`);
  const payload = what.payload ?? textPayload(office, what);
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  return { fromUid: from, channelId, channelType, payload: bytes, flags, setting, clientMsgNo, stream, topic };
}

function placeOf({ dm, group, thread }: DmworkSay): Pick<Draft, "channelId" | "channelType"> {
  if (dm !== undefined) return { channelId: dm, channelType: channelTypes.person };
  if (group !== undefined) return { channelId: group, channelType: channelTypes.group };
  if (thread !== undefined) return { channelId: thread, channelType: channelTypes.thread };
  throw businessError("say needs one of dm, group and thread");
}

function textPayload(office: PostOffice, { text = "", mention, reply }: DmworkSay): Record<string, unknown> {
  return {
    type: 1,
    content: text,
    ...(mention === undefined ? {} : { mention: Array.isArray(mention) ? { uids: mention } : mention }),
    ...(reply === undefined ? {} : { reply: quote(office, BigInt(reply)) }),
  };
}

/** Clients put the quoted message's sender and payload into the quote themselves. */
function quote(office: PostOffice, messageId: bigint): Record<string, unknown> {
  const quoted = office.log.find(messageId);
  if (quoted === undefined) throw businessError(`no message ${messageId} to reply to`);
  return {
    message_id: messageId.toString(),
    from_uid: quoted.fromUid,
    from_name: office.directory.nameOf(quoted.fromUid) ?? quoted.fromUid,
    payload: JSON.parse(quoted.payload.toString("utf8")) as unknown,
  };
}
