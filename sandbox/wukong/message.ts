/** A message as the server stores it, before it is encrypted for each receiver. */

import { crc32 } from "node:zlib";
import { channelTypes, type Flags } from "./packet.ts";

export interface StoredMessage {
  readonly messageId: bigint;
  /** Counts from 1 within the channel; 0 for a message that is not persisted. */
  readonly messageSeq: number;
  readonly clientMsgNo: string;
  readonly fromUid: string;
  readonly channelId: string;
  readonly channelType: number;
  /** Seconds. */
  readonly timestamp: number;
  readonly flags: Flags;
  readonly setting: number;
  readonly topic?: string | undefined;
  /** Fields of a stream message towards clients of version 2 to 4. */
  readonly stream?: { readonly flag: number; readonly no: string; readonly id: bigint } | undefined;
  readonly payload: Buffer;
}

/**
 * What a receiver is told as the channel of a direct message: the other side's uid, or the server's internal name for the
 * pair. DMWork bots have met both.
 */
export type PersonChannel = "peer" | "pair";

export function channelIdFor(receiver: string, message: StoredMessage, personChannel: PersonChannel = "peer"): string {
  const { channelId, channelType, fromUid } = message;
  if (channelType !== channelTypes.person) return channelId;
  if (personChannel === "pair") return pairId(channelId, fromUid);
  return channelId === receiver ? fromUid : channelId;
}

/** The side with the larger hash comes first. */
function pairId(one: string, other: string): string {
  return crc32(one) > crc32(other) ? `${one}@${other}` : `${other}@${one}`;
}

/** Both directions of a person channel share one log and one sequence. */
export function channelKey(channelType: number, channelId: string, uid: string): string {
  const name = channelType === channelTypes.person ? [channelId, uid].sort().join("@") : channelId;
  return `${channelType}:${name}`;
}

/** Ids have the shape of a snowflake (milliseconds, then a counter): beyond 2^53, as on a real server. */
const EPOCH_MS = 1_288_834_974_657;
const COUNTER_BITS = 22n;

export function messageIds(): () => bigint {
  let last = 0n;
  return () => {
    const fresh = BigInt(Date.now() - EPOCH_MS) << COUNTER_BITS;
    last = fresh > last ? fresh : last + 1n;
    return last;
  };
}
