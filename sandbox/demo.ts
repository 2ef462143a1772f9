/**
 * The main job in one process tree: the sandbox servers, a model, and a real OpenClaw gateway with the packed plugin. Serves the
 * playground's page, and lets a person talk in the terminal as well. `--scenes` plays a short conversation first, `--once` only that.
 */

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { channels } from "./channels.ts";
import { startSandbox } from "./index.ts";
import { OpenClaw } from "./openclaw.ts";
import { converse } from "./demo/prompt.ts";
import { play, rules } from "./demo/scenario.ts";
import { Transcript } from "./demo/transcript.ts";
import { GatewayRunner } from "./playground/gateway.ts";
import { Playground } from "./playground/index.ts";
import { modelOf } from "./playground/model.ts";
import { namedRules } from "./playground/questions.ts";

/** Long enough to watch the countdown, short enough to wait for. */
const REPLY_DELAY_MS = 4_000;
/** Homes in which the plugin is installed already. */
const HOMES = fileURLToPath(new URL("../.cache/demo-homes", import.meta.url));

/** What the gateway brings along itself is not needed here, and costs it seconds at its start. */
const ALONE = {
  allow: ["openclaw-mochat-dmwork"],
  slots: { memory: "none" },
  entries: { "openclaw-mochat-dmwork": { enabled: true } },
};

const { values } = parseArgs({
  options: {
    tarball: { type: "string" },
    once: { type: "boolean", default: false },
    scenes: { type: "boolean", default: false },
    model: { type: "string" },
    "model-name": { type: "string" },
  },
});
if (values.tarball === undefined) throw new Error("give the packed plugin: --tarball <file>");
const { tarball } = values;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

await using sandbox = await startSandbox({ rules: [...namedRules, ...rules] });
await using model = await modelOf(sandbox, { url: values.model, name: values["model-name"] });
const transcript = new Transcript(sandbox);
await using gateway = new GatewayRunner(() => OpenClaw.installOnce(tarball, HOMES), {
  modelUrl: model.url,
  channels: channels(sandbox, { replyDelayMs: REPLY_DELAY_MS }),
  more: { plugins: ALONE },
});
await using playground = await Playground.open({ sandbox, gateway, model });
transcript.heading(`The playground: ${playground.url}`);
transcript.note("for this machine only; who has the address can use it");
if (!model.info.isScripted)
  transcript.note(`answers come from ${model.info.name} at ${model.info.url}; nothing else leaves this machine`);
gateway.listeners.add(({ state, note }) =>
  transcript.note(`the gateway is ${state}${note === null ? "" : `: ${note}`}`),
);
try {
  await Promise.race([gateway.open(), once(interrupted.signal, "abort")]);
  interrupted.signal.throwIfAborted();
  if (values.once || values.scenes) await play(sandbox, transcript, interrupted.signal);
  if (!values.once) await converse(sandbox, transcript, interrupted.signal);
} catch (error) {
  if (!interrupted.signal.aborted) {
    process.exitCode = 1;
    process.stderr.write(`\n${String(error)}\n\nThe gateway's last words:\n${gateway.claw?.tail() ?? ""}\n`);
  }
}
transcript.note("stopping");
