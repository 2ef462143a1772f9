/** The cipher in wasm against node:crypto. The core's own tests run it natively, without wasm's vectors. */

import assert from "node:assert/strict";
import { after, before as beforeAll, test } from "node:test";
import { WukongPeer, find } from "./wukong-peer.ts";

/** Every number of blocks up to forty, and of bytes in the last one. */
const SMALL = Array.from({ length: 601 }, (_, length) => length);
/** Beyond the scratch memory that the core keeps, and close to the largest packet. */
const LARGE = [4_095, 16_384, 65_537, 500_000];

let peer: WukongPeer;

beforeAll(async () => {
  peer = await WukongPeer.connect();
});

after(() => peer[Symbol.dispose]());

/** Text of so many bytes in which no two blocks are alike. */
function words(bytes: number): string {
  let text = "";
  for (let word = bytes; text.length < bytes; word += 1) text += `${word.toString(36)} `;
  return text.slice(0, bytes);
}

/** The same byte string in which one byte is another, at a place that depends on the length. */
function flipped(bytes: Buffer, seed: number): Buffer {
  const at = (seed * 31) % bytes.length;
  // Stays within base64 and hexadecimal digits, so that only the sum is wrong.
  const other = bytes[at] === 0x61 ? 0x62 : 0x61;
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(other), bytes.subarray(at + 1)]);
}

test("what node:crypto encrypts and signs arrives as it was written", () => {
  for (const length of [...SMALL, ...LARGE]) {
    const content = words(length);
    const order = find(peer.deliver(peer.encode(peer.recv(payload(content)))), "commit");
    assert.equal(order?.entries.length, 1, `${length} bytes`);
    const { text }: { text: string } = JSON.parse(order.entries[0]?.record ?? "");
    assert.equal(text, content);
    peer.commit(order);
  }
});

test("whatever texts hold, each record arrives whole and in order", () => {
  const texts = ["two\nlines\r\n", '"quoted" \\ {"a":1}', "\u2028\u2029\u0000\u001f\u007f", "构建失败了 😀", "", "é"];
  const order = find(peer.deliver(Buffer.concat(texts.map((text) => peer.encode(peer.recv(payload(text)))))), "commit");
  const records = order?.entries.map(({ record }): { text: string } => JSON.parse(record)) ?? [];
  assert.deepEqual(
    records.map(({ text }) => text),
    texts,
  );
  if (order) peer.commit(order);
});

test("a changed byte of the ciphertext or of the key costs the message, and it is acknowledged", () => {
  for (const length of [...SMALL, ...LARGE]) {
    const whole = peer.recv(payload(words(length)));
    const changes = [
      { ...whole, payload: flipped(whole.payload, length) },
      { ...whole, msgKey: flipped(Buffer.from(whole.msgKey), length).toString() },
    ];
    for (const changed of changes) {
      const step = peer.deliver(peer.encode(changed));
      assert.equal(find(step, "commit"), undefined, `${length} bytes`);
      assert.deepEqual(peer.acknowledged(step), [whole.messageId]);
    }
  }
});

test("a ciphertext that is signed but no ciphertext is acknowledged, and nothing is committed", () => {
  const whole = peer.recv(payload("text"));
  const noBlocks = Buffer.from(Buffer.alloc(24).toString("base64"));
  const noPadding = Buffer.from(Buffer.alloc(32).toString("base64"));
  for (const bytes of [noBlocks, noPadding, Buffer.alloc(0), Buffer.from("no base64!")]) {
    const step = peer.deliver(peer.encode(peer.sign({ ...whole, payload: bytes })));
    assert.equal(find(step, "commit"), undefined);
    assert.deepEqual(peer.acknowledged(step), [whole.messageId]);
  }
});

test("a WebSocket message of many packets is one commit with all of them, acknowledged together", () => {
  const packets = Array.from({ length: 16 }, (_, number) => peer.recv(payload(`message ${number}`)));
  const order = find(peer.deliver(Buffer.concat(packets.map((packet) => peer.encode(packet)))), "commit");
  const ids = packets.map((packet) => packet.messageId);
  assert.deepEqual(
    order?.entries.map(({ id }) => id),
    ids.map(String),
  );
  assert(order);
  assert.deepEqual(peer.acknowledged(peer.commit(order)), ids);
});

function payload(content: string): Buffer {
  return Buffer.from(JSON.stringify({ type: 1, content }));
}
