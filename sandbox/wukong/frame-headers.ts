/**
 * Reads the headers of the WebSocket frames that a client sends, off the TCP stream: the WebSocket library puts fragments
 * together before anybody sees them, and v2.2.5 does not.
 */

export interface FrameHeader {
  /** A message that continues in the next frame, or a frame that continues one. */
  readonly isFragment: boolean;
  /** Of its body. */
  readonly length: number;
}

/** Frame opcodes below 8 carry data; 0 continues a message. */
const CONTROL = 8;
const CONTINUATION = 0;
const MASK_SIZE = 4;

export class FrameHeaders {
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the present frame's body that are still to come. */
  #skip = 0;

  *push(bytes: Buffer): Generator<FrameHeader> {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const skipped = Math.min(this.#skip, this.#pending.length);
      this.#pending = this.#pending.subarray(skipped);
      this.#skip -= skipped;
      const header = this.#skip === 0 ? read(this.#pending) : undefined;
      if (header === undefined) return;
      this.#pending = this.#pending.subarray(header.size);
      this.#skip = header.length;
      yield header;
    }
  }
}

function read(bytes: Buffer): (FrameHeader & { size: number }) | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const isFinal = (first & 0x80) !== 0;
  const opcode = first & 0x0f;
  const isFragment = opcode < CONTROL && (!isFinal || opcode === CONTINUATION);
  const short = second & 0x7f;
  const extra = short === 127 ? 8 : short === 126 ? 2 : 0;
  const size = 2 + extra + ((second & 0x80) === 0 ? 0 : MASK_SIZE);
  if (bytes.length < size) return undefined;
  const length = extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : short;
  return { isFragment, size, length };
}
