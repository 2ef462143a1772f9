/** The packets of the WuKongIM binary protocol, as this server sees them. 64-bit ids are BigInt: they exceed 2^53. */

export const packetTypes = {
  CONNECT: 1,
  CONNACK: 2,
  SEND: 3,
  SENDACK: 4,
  RECV: 5,
  RECVACK: 6,
  PING: 7,
  PONG: 8,
  DISCONNECT: 9,
  SUB: 10,
  SUBACK: 11,
  EVENT: 12,
} as const;

/** Bits of the setting byte of SEND and RECV. */
export const setting = { receipt: 0x80, signal: 0x20, noEncrypt: 0x10, topic: 0x08, stream: 0x02 } as const;

/** Reason codes of CONNACK, SENDACK and DISCONNECT that this server uses. */
export const reasons = {
  success: 1,
  authFail: 2,
  subscriberNotExist: 3,
  payloadDecodeError: 9,
  kicked: 12,
  systemError: 15,
  ban: 19,
  clientKeyEmpty: 21,
} as const;

/** Channel types that a DMWork bot meets. */
export const channelTypes = { person: 1, group: 2, thread: 5 } as const;

export interface Flags {
  readonly noPersist: boolean;
  readonly redDot: boolean;
  readonly syncOnce: boolean;
  readonly dup: boolean;
}

export const noFlags: Flags = { noPersist: false, redDot: false, syncOnce: false, dup: false };

export interface Connect {
  kind: "CONNECT";
  flags: Flags;
  protoVersion: number;
  deviceFlag: number;
  deviceId: string;
  uid: string;
  token: string;
  clientTimestamp: bigint;
  clientKey: string;
}

export interface Connack {
  kind: "CONNACK";
  /** Present only towards clients of version 4 and later, and then it is the negotiated version. */
  serverVersion?: number;
  timeDiff: bigint;
  reasonCode: number;
  serverKey: string;
  salt: string;
  nodeId?: bigint;
}

export interface Send {
  kind: "SEND";
  flags: Flags;
  setting: number;
  clientSeq: number;
  clientMsgNo: string;
  streamNo?: string;
  channelId: string;
  channelType: number;
  expire?: number;
  msgKey: string;
  topic?: string;
  payload: Buffer;
}

export interface Sendack {
  kind: "SENDACK";
  messageId: bigint;
  clientSeq: number;
  messageSeq: number;
  reasonCode: number;
  /** A tail that only the newer server line writes. */
  clientMsgNo?: string;
}

export interface Recv {
  kind: "RECV";
  flags: Flags;
  setting: number;
  msgKey: string;
  fromUid: string;
  channelId: string;
  channelType: number;
  expire?: number;
  clientMsgNo: string;
  streamFlag?: number;
  streamNo?: string;
  streamId?: bigint;
  messageId: bigint;
  messageSeq: number;
  timestamp: number;
  topic?: string;
  payload: Buffer;
}

export interface Recvack {
  kind: "RECVACK";
  flags: Flags;
  messageId: bigint;
  messageSeq: number;
}

export interface Disconnect {
  kind: "DISCONNECT";
  reasonCode: number;
  reason: string;
}

export interface Sub {
  kind: "SUB";
  setting: number;
  subNo: string;
  channelId: string;
  channelType: number;
  action: number;
  param: string;
}

export interface Suback {
  kind: "SUBACK";
  subNo: string;
  channelId: string;
  channelType: number;
  action: number;
  reasonCode: number;
}

export interface ServerEvent {
  kind: "EVENT";
  id: string;
  eventType: string;
  timestamp: bigint;
  data: Buffer;
}

export type Packet =
  | Connect
  | Connack
  | Send
  | Sendack
  | Recv
  | Recvack
  | { kind: "PING" }
  | { kind: "PONG" }
  | Disconnect
  | Sub
  | Suback
  | ServerEvent;
