/* oxlint-disable typescript/no-unsafe-type-assertion -- the shape of the vectors is their file's */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MalformedPacket } from "../../sandbox/wukong/bytes.ts";
import { ServerKey, SessionCipher } from "../../sandbox/wukong/cipher.ts";
import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { packetTypes, type Flags, type Packet } from "../../sandbox/wukong/packet.ts";
import { PacketStream } from "../../sandbox/wukong/stream.ts";

interface Vector {
  name: string;
  version: number;
  hex: string;
  fields: Record<string, unknown> & { flags?: Partial<Flags>; signInput?: string; payloadPlain?: string };
}

interface Vectors {
  crypto: Record<
    "clientKeyBase64" | "serverPrivHex" | "serverKeyBase64" | "sharedSecretHex" | "aesKey" | "salt",
    string
  >;
  framing: { hex: string; version: number };
  payloadCases: { plaintextHex: string; ciphertextBase64: string }[];
  vectors: Vector[];
}

const source = new URL("../vectors/wukongim.json", import.meta.url);
const { crypto, framing, payloadCases, vectors } = JSON.parse(readFileSync(source, "utf8")) as Vectors;
const cipher = new SessionCipher(Buffer.from(crypto.sharedSecretHex, "hex"), crypto.salt);

/** Fields of a vector that describe the cryptography or the case, not the packet. */
const notInPacket = new Set(["signInput", "payloadPlain", "hasServerVersion"]);

function decodeOne(bytes: Buffer, version: number): Packet {
  const [packet] = new PacketStream(version).push(bytes);
  assert.ok(packet, "the bytes hold one packet");
  return packet;
}

/** A packet in the vectors' notation: numbers of 64 bits as text, bytes as text, only the flags that are set. */
function notation(packet: Packet): Record<string, unknown> {
  const entries = Object.entries(packet).map(([key, value]: [string, unknown]) => {
    if (key === "kind") return ["type", packetTypes[packet.kind]];
    if (key === "flags") return [key, onlySet(value as Flags)];
    if (Buffer.isBuffer(value)) return [key, value.toString("utf8")];
    return [key, typeof value === "bigint" || key === "messageSeq" ? String(value) : value];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function onlySet(flags: Partial<Flags> | undefined): Partial<Flags> {
  return Object.fromEntries(Object.entries(flags ?? {}).filter(([, isSet]) => isSet));
}

for (const vector of vectors) {
  test(`${vector.name} decodes to its fields and encodes back to its bytes`, () => {
    const bytes = Buffer.from(vector.hex, "hex");
    const packet = decodeOne(bytes, vector.version);
    const { flags, ...fields } = vector.fields;
    const expected = Object.fromEntries(Object.entries(fields).filter(([key]) => !notInPacket.has(key)));
    const { flags: actualFlags, ...actual } = notation(packet);
    assert.deepEqual(actual, expected);
    assert.deepEqual(actualFlags ?? {}, onlySet(flags));
    assert.equal(encodePacket(packet, vector.version).toString("hex"), vector.hex);
  });
}

for (const vector of vectors.filter(({ fields }) => fields.signInput !== undefined)) {
  test(`${vector.name} decrypts and its msgKey is the one that we compute`, () => {
    const packet = decodeOne(Buffer.from(vector.hex, "hex"), vector.version);
    assert.ok(packet.kind === "SEND" || packet.kind === "RECV");
    assert.equal(cipher.decrypt(packet.payload).toString("utf8"), vector.fields.payloadPlain);
    assert.equal(packet.kind === "SEND" ? cipher.sendKey(packet) : cipher.recvKey(packet), packet.msgKey);
  });
}

test("the handshake derives the vectors' shared secret and key", () => {
  const key = ServerKey.fromRaw(Buffer.from(crypto.serverPrivHex, "hex"));
  assert.equal(key.publicBase64, crypto.serverKeyBase64);
  assert.equal(key.sharedSecret(crypto.clientKeyBase64).toString("hex"), crypto.sharedSecretHex);
  assert.equal(cipher.key, crypto.aesKey);
});

test("payloads encrypt to the vectors' ciphertext", () => {
  for (const { plaintextHex, ciphertextBase64 } of payloadCases) {
    assert.equal(cipher.encrypt(Buffer.from(plaintextHex, "hex")).toString("latin1"), ciphertextBase64);
    assert.equal(cipher.decrypt(Buffer.from(ciphertextBase64, "latin1")).toString("hex"), plaintextHex);
  }
});

test("a client key that leads to the all-zero secret is refused", () => {
  assert.throws(() => ServerKey.generate().sharedSecret(Buffer.alloc(32).toString("base64")));
});

test("any split of the bytes decodes alike", () => {
  const bytes = Buffer.from(framing.hex, "hex");
  const whole = [...new PacketStream(framing.version).push(bytes)];
  assert.equal(whole.length, 6);
  for (const size of [1, 2, 3, 7, 64]) {
    const stream = new PacketStream(framing.version);
    const packets: Packet[] = [];
    for (let at = 0; at < bytes.length; at += size) packets.push(...stream.push(bytes.subarray(at, at + size)));
    assert.deepEqual(packets, whole);
  }
});

test("a packet of more than 1 MiB and a packet that ends early are malformed", () => {
  assert.throws(() => [...new PacketStream(5).push(Buffer.from("50ffffff7f", "hex"))], MalformedPacket);
  assert.throws(() => [...new PacketStream(5).push(Buffer.from("600100", "hex"))], MalformedPacket);
});
