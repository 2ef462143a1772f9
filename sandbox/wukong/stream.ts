/**
 * Cuts a byte stream into packets. WebSocket messages are no boundaries: one may hold several packets, and one packet may
 * span several messages.
 */

import { MalformedPacket } from "./bytes.ts";
import { decodeBody, decodeHeader } from "./decode.ts";
import { MAX_REMAINING_LENGTH } from "./encode.ts";
import { packetTypes, type Packet } from "./packet.ts";

/** A length of more bytes than this could not stay below the limit anyway. */
const MAX_LENGTH_BYTES = 4;

export class PacketStream {
  /** Set after the handshake; CONNECT has one layout in every version. */
  version: number;
  #pending: Buffer = Buffer.alloc(0);

  constructor(version: number) {
    this.version = version;
  }

  /** Takes bytes and yields the packets that they complete. Lazy, so that a version set by one packet holds for the next. */
  *push(bytes: Buffer): Generator<Packet> {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const frame = this.#cut();
      if (frame === undefined) return;
      yield decodeBody(frame.header, frame.body, this.version);
    }
  }

  #cut() {
    const first = this.#pending[0];
    if (first === undefined) return undefined;
    const header = decodeHeader(first);
    if (header.type === packetTypes.PING || header.type === packetTypes.PONG) return this.#take(header, 1, 0);
    let length = 0;
    for (let index = 0; index < MAX_LENGTH_BYTES; index += 1) {
      const byte = this.#pending[1 + index];
      if (byte === undefined) return undefined;
      length |= (byte & 0x7f) << (7 * index);
      if (length > MAX_REMAINING_LENGTH) throw new MalformedPacket(`remaining length ${length}`);
      if ((byte & 0x80) === 0) return this.#take(header, 2 + index, length);
    }
    throw new MalformedPacket("remaining length has no end");
  }

  #take(header: ReturnType<typeof decodeHeader>, start: number, length: number) {
    const end = start + length;
    if (this.#pending.length < end) return undefined;
    const body = this.#pending.subarray(start, end);
    this.#pending = this.#pending.subarray(end);
    return { header, body };
  }
}
