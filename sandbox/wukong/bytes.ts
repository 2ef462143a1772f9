/** Big-endian readers and writers for WuKongIM fields. */

/** The bytes ended before the field did, or a length is out of bounds: the peer broke the protocol. */
export class MalformedPacket extends Error {
  override name = "MalformedPacket";
}

/** String lengths are read as a signed 16-bit number by the servers, so the upper half is refused. */
const MAX_STRING = 0x7fff;

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #advance(size: number): number {
    const start = this.#at;
    if (start + size > this.#bytes.length) throw new MalformedPacket(`needs ${size} bytes at ${start}`);
    this.#at = start + size;
    return start;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#advance(8));
  }

  text(): string {
    const length = this.#bytes.readUInt16BE(this.#advance(2));
    if (length > MAX_STRING) throw new MalformedPacket(`string of ${length} bytes`);
    const start = this.#advance(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  rest(): Buffer {
    const start = this.#at;
    this.#at = this.#bytes.length;
    // A copy, because the stream's buffer is reused for the packets that follow.
    return Buffer.from(this.#bytes.subarray(start));
  }
}

export class ByteWriter {
  readonly #parts: Buffer[] = [];

  #fixed(size: number, write: (part: Buffer) => void): this {
    const part = Buffer.alloc(size);
    write(part);
    this.#parts.push(part);
    return this;
  }

  u8(value: number): this {
    return this.#fixed(1, (part) => part.writeUInt8(value));
  }

  u32(value: number): this {
    return this.#fixed(4, (part) => part.writeUInt32BE(value));
  }

  i32(value: number): this {
    return this.#fixed(4, (part) => part.writeInt32BE(value));
  }

  i64(value: bigint): this {
    return this.#fixed(8, (part) => part.writeBigInt64BE(value));
  }

  u64(value: bigint): this {
    return this.#fixed(8, (part) => part.writeBigUInt64BE(value));
  }

  text(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    if (bytes.length > MAX_STRING) throw new RangeError(`string of ${bytes.length} bytes does not fit a packet`);
    this.#fixed(2, (part) => part.writeUInt16BE(bytes.length));
    return this.raw(bytes);
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
