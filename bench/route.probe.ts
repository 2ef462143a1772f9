// What reading a message costs inside of the core: cut out, decoded, verified, decrypted and routed, and nothing of it
// written down. Uses the build with faults, which can read the same bytes again and again.
// Usage: route.probe.ts <bytes of a payload> <packets in a WebSocket message> <packets>

import type { OpenCore } from "../js/core/account.ts";
import { WukongPeer } from "../tests/js/wukong-peer.ts";
import { payload } from "./payload.ts";

const [size = 200, together = 1, count = 100_000] = process.argv.slice(2).map(Number);
const faults: { openWasmCore: OpenCore } = await import(new URL("../target/faults/dist/core.js", import.meta.url).href);

using peer = await WukongPeer.connect(faults.openWasmCore);
const plain = payload(size);
const frame = Buffer.concat(Array.from({ length: together }, () => peer.encode(peer.recv(plain))));
const times = Math.ceil(count / together);
// Enough for the compiler to have seen everything.
peer.route(frame, Math.ceil(times / 5));
const start = performance.now();
const messages = peer.route(frame, times);
const took = performance.now() - start;
if (messages !== times * together) throw new Error(`${messages} messages were read, not ${times * together}`);
console.log(`${(messages / took) * 1000} /s, packets of ${size} B read and routed inside of the core`);
