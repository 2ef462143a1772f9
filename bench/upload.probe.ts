// What an upload takes in memory: a large file goes from disk into the store of the sandbox's server, by the way of every
// file that an agent sends. All of the plugin but the gateway. Fails unless the file is stored whole and posted once.
// Usage: upload.probe.ts <megabytes>

import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openWasmCore } from "../js/core/load.ts";
import type { FileAccess, FileOrder } from "../js/drive/host.ts";
import { Drive } from "../js/drive.ts";
import { openOutgoing } from "../js/host/outgoing-files.ts";
import type { OpenFile } from "../js/io/outgoing-files.ts";
import { Store } from "../js/io/store.ts";
import { StoppableHost } from "./burst/host.ts";
import type { Reply } from "./burst/server.ts";

const MEGABYTE = 1024 * 1024;
/** Between two looks at the size of the process, each of which asks the system. */
const LOOK_EVERY_MS = 5;

const [megabytes = 100] = process.argv.slice(2).map(Number);

/** A gateway that opens files as the real one does. */
class FileHost extends StoppableHost {
  override openFile(order: FileOrder, access: FileAccess, signal: AbortSignal): Promise<OpenFile> {
    const store = { saveRemoteMedia: () => Promise.reject(new Error("nothing is fetched here")) };
    return openOutgoing(store, order, access, signal);
  }
}

// In a process of its own, which keeps the file in memory: what it takes is not counted.
const server = fork(fileURLToPath(new URL("./burst/server.ts", import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "upload-"));
try {
  const [config]: Reply[] = await once(server, "message");
  if (!config || !("apiUrl" in config)) throw new Error("the server did not answer");
  const host = new FileHost();
  const store = Store.open(join(folder, "account.sqlite"));
  const options = { channel: "dmwork", accountId: "upload", openCore: openWasmCore } as const;
  using drive = await Drive.open({ ...options, config, store, host });
  await host.until(() => host.isReady);
  const target = await group(config);
  const path = file(megabytes);
  // The gateway has its SDK loaded.
  await import("openclaw/plugin-sdk/security-runtime");
  // The first one compiles what an upload needs, and fills what is pooled.
  await measure("the first", drive, target, path);
  await measure("a further", drive, target, path);
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}

async function measure(which: string, drive: Drive, target: string, path: string): Promise<void> {
  const before = settled();
  let peak = before;
  const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), LOOK_EVERY_MS);
  const start = performance.now();
  await send(drive, target, path);
  const took = performance.now() - start;
  clearInterval(looking);
  const upload = `${which} upload of ${megabytes} MB`;
  console.log(`${(peak - before) / MEGABYTE} MB more of resident memory at most, ${upload}`);
  console.log(`${(settled() - before) / MEGABYTE} MB more of resident memory afterwards, ${upload}`);
  console.log(`${megabytes / (took / 1_000)} MB/s, ${upload}`);
}

async function send(drive: Drive, target: string, path: string): Promise<void> {
  const ids = await drive.send(target, "", { media: [path] }, { localRoots: [folder] });
  if (ids.length !== 1) throw new Error(`the file was posted ${ids.length} times`);
}

/** A file of so many megabytes. */
function file(size: number): string {
  const path = join(folder, "table.csv");
  const line = Buffer.alloc(MEGABYTE, "0123456789,abcdefghijklmnopqrstuvwxyz\n");
  const opened = openSync(path, "w");
  for (let written = 0; written < size; written += 1) writeSync(opened, line);
  closeSync(opened);
  return path;
}

/** The target of the bot's group. */
async function group({ apiUrl, botToken }: Extract<Reply, { apiUrl: string }>): Promise<string> {
  const answer = await fetch(`${apiUrl}/v1/bot/groups`, { headers: { authorization: `Bearer ${botToken}` } });
  const [found]: { group_no: string }[] = JSON.parse(await answer.text());
  if (!found) throw new Error("the bot is in no group");
  return `group:${found.group_no}`;
}

function settled(): number {
  // The second time collects what the first one let go of.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
