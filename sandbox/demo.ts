/**
 * The main job in one process tree: the sandbox servers, a scripted model, and a real OpenClaw gateway with the packed
 * plugin. Plays a short conversation on both channels, then lets a person talk. `--once` ends after the conversation.
 */

import { parseArgs } from "node:util";
import { channels } from "./channels.ts";
import { startSandbox } from "./index.ts";
import { OpenClaw } from "./openclaw.ts";
import { converse } from "./demo/prompt.ts";
import { play, rules } from "./demo/scenario.ts";
import { Transcript } from "./demo/transcript.ts";

/** Long enough to watch the countdown, short enough to wait for. */
const REPLY_DELAY_MS = 4_000;

const { values } = parseArgs({ options: { tarball: { type: "string" }, once: { type: "boolean", default: false } } });
if (values.tarball === undefined) throw new Error("give the packed plugin: --tarball <file>");

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

await using sandbox = await startSandbox({ rules });
const transcript = new Transcript(sandbox);
transcript.note("installing the plugin into a throw-away OpenClaw home");
await using claw = await OpenClaw.install(values.tarball);
await claw.configure({ modelUrl: sandbox.urls.model, channels: channels(sandbox, { replyDelayMs: REPLY_DELAY_MS }) });
transcript.note("starting the gateway");
await claw.start();
try {
  await play(sandbox, transcript, interrupted.signal);
  if (!values.once) await converse(sandbox, transcript, interrupted.signal);
} catch (error) {
  if (!interrupted.signal.aborted) {
    process.exitCode = 1;
    process.stderr.write(`\n${String(error)}\n\nThe gateway's last words:\n${claw.tail()}\n`);
  }
}
transcript.note("stopping");
