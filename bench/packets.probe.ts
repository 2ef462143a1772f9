// What a message costs from the socket to the store's order: cut out, decoded, verified, decrypted, routed.
// Usage: packets.probe.ts <bytes of a payload> <packets in a WebSocket message> <packets>

import { WukongPeer, find } from "../tests/js/wukong-peer.ts";
import { payload } from "./payload.ts";

/** Packets that are encrypted and delivered in turn, so that all of them together need not fit into memory. */
const ROUND = 400;
/** Enough for the compiler to have seen everything. */
const WARM_UP_ROUNDS = 5;

const [size = 200, together = 1, count = 20_000] = process.argv.slice(2).map(Number);

using peer = await WukongPeer.connect();
const plain = payload(size);
let delivering = 0;
let committing = 0;
for (let round = -WARM_UP_ROUNDS; round * ROUND < count; round += 1) {
  const frames = Array.from({ length: ROUND / together }, () =>
    Buffer.concat(Array.from({ length: together }, () => peer.encode(peer.recv(plain)))),
  );
  const start = performance.now();
  const steps = frames.map((frame) => peer.deliver(frame));
  const delivered = performance.now();
  for (const step of steps) {
    const order = find(step, "commit");
    if (order?.entries.length !== together) throw new Error("a packet was not taken");
    peer.commit(order);
  }
  const committed = performance.now();
  if (round < 0) continue;
  delivering += delivered - start;
  committing += committed - start;
}

const taken = Math.ceil(count / ROUND) * ROUND;
const name = `packets of ${size} B, ${together} in a WebSocket message`;
console.log(`${(taken / delivering) * 1000} /s, ${name}`);
console.log(`${(taken / committing) * 1000} /s, ${name}, commit and acknowledgement included`);
