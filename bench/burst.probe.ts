// What a burst takes in memory while the agent is stopped, and how fast it is handed over once the agent is back. All of
// the plugin but the gateway: the socket, the core in wasm, the store on disk. Fails unless every message comes once, and
// in order within its group.
// Usage: burst.probe.ts <groups> <messages> <bytes of a payload>

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openWasmCore } from "../js/core/load.ts";
import { Drive } from "../js/drive.ts";
import { Store } from "../js/io/store.ts";
import { StoppableHost } from "./burst/host.ts";
import type { Reply, Request } from "./burst/server.ts";

/** Said to an agent that works: afterwards everything is compiled, and what is pooled is there. */
const WARM_UP = 5_000;
/** Between two looks at the size of the process, each of which asks the system. */
const LOOK_EVERY_MS = 20;

const [groups = 1, messages = 50_000, size = 200] = process.argv.slice(2).map(Number);
const all = WARM_UP + messages;
const name = `${messages} messages of ${size} B in ${groups} groups`;

// In a process of its own: what it takes is not counted.
const server = fork(fileURLToPath(new URL("./burst/server.ts", import.meta.url)), [groups, size].map(String));
const folder = mkdtempSync(join(tmpdir(), "burst-"));
try {
  const host = new StoppableHost();
  const store = Store.open(join(folder, "account.sqlite"));
  const config = { ...(await reply()), requireMention: false, maxMessagesPerMinute: 0 };
  const options = { channel: "dmwork", accountId: "burst", openCore: openWasmCore } as const;
  using _drive = await Drive.open({ ...options, config, store, host });
  await host.until(() => host.isReady);
  await ask({ say: WARM_UP });
  await host.until(() => host.turns === WARM_UP);
  await stopped(host, store);
  await back(host, store);
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}

async function stopped(host: StoppableHost, store: Store): Promise<void> {
  host.stop();
  const before = settled();
  let peak = before.rss;
  const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), LOOK_EVERY_MS);
  const start = performance.now();
  const said = ask({ say: messages });
  await host.until(() => host.asked === all);
  const took = performance.now() - start;
  clearInterval(looking);
  await said;
  const after = settled();
  print((after.rss - before.rss) / 1024 / 1024, "MB more of resident memory");
  print((peak - before.rss) / 1024 / 1024, "MB more at most, before garbage is collected");
  print((after.external - before.external) / 1024 / 1024, "MB of that in wasm and buffers");
  print((after.heapTotal - before.heapTotal) / 1024 / 1024, "MB of that set aside for JavaScript's heap");
  print((messages / took) * 1_000, "/s stored");
  if (host.turns - WARM_UP > 50) throw new Error(`${host.turns - WARM_UP} turns are with an agent that is stopped`);
  if (store.unresolved().length !== messages) throw new Error("not every message is in the store");
}

async function back(host: StoppableHost, store: Store): Promise<void> {
  const start = performance.now();
  host.start();
  await host.until(() => host.turns === all);
  print((messages / (performance.now() - start)) * 1_000, "/s handed over");
  if (store.unresolved().length > 0) throw new Error("messages are left in the store");
  const left = await ask({ unacknowledged: true });
  if (!("unacknowledged" in left) || left.unacknowledged > 0) throw new Error("the server waits for acknowledgements");
}

function settled(): NodeJS.MemoryUsage {
  // The second time collects what the first one let go of.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage();
}

async function reply(): Promise<Reply> {
  const [answer]: Reply[] = await once(server, "message");
  if (!answer) throw new Error("the server did not answer");
  return answer;
}

function ask(request: Request): Promise<Reply> {
  server.send(request);
  return reply();
}

function print(value: number, what: string): void {
  console.log(`${value} ${what}, ${name}`);
}
