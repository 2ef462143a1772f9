// A newcomer's way in a clean home, by the commands of the README: the installation, the setup, the gateway, its status, and
// why the first message was answered. Against the sandbox's Mochat server and its scripted model. The model's provider stands in
// the configuration beforehand, as in a gateway that answers in its own chat.

import { startSandbox } from "../sandbox/index.ts";
import { OpenClaw } from "../sandbox/openclaw.ts";
import { PATIENCE, reply, tarball } from "../tests/e2e/support.ts";

const OWNER = "carol@people.dev";

await using sandbox = await startSandbox({ rules: [{ when: /hello/, reply: "Hello, Carol." }] });
const { control, ledger, mochat, urls } = sandbox;

let took = 0;
await using claw = await timed("openclaw plugins install", () => OpenClaw.install(tarball()));
await claw.configure({ modelUrl: urls.model, channels: {} });
const who = ["--name", "Newcomer", "--email", OWNER];
await timed("openclaw mochat setup", () => command("mochat", "setup", "--base-url", urls.mochat, ...who));
const agent = mochat.directory.agents().find(({ nickname }) => nickname === "Newcomer");
const session = [...mochat.directory.sessions.values()].find(({ participants }) =>
  participants.has(agent?.userId ?? ""),
);
if (agent?.ownerId === undefined || session === undefined) throw new Error("the setup made no agent with an owner");
const { ownerId, userId } = agent;
await timed("openclaw gateway run, until the bot listens", async () => {
  await claw.start();
  const subscribed = { server: "mochat", kind: "received", who: userId, name: "com.claw.im.subscribePanels" } as const;
  await control.wait(subscribed, PATIENCE);
});
await timed("openclaw channels status --probe", () => command("channels", "status", "--probe"));
await timed("a message and its answer", async () => {
  const since = ledger.last;
  control.say({ on: "mochat", from: ownerId, session: session.sessionId, text: "hello" });
  await control.wait({ ...reply.session, contains: "Hello, Carol." }, { since, ...PATIENCE });
});
await timed("openclaw mochat why last", () => command("mochat", "why", "last"));
console.log(`${took} s, all of a newcomer's way: five commands`);

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1_000;
  took += seconds;
  console.log(`${seconds} s, newcomer: ${what}`);
  return result;
}

async function command(...args: string[]): Promise<void> {
  const { code, out } = await claw.cli(...args);
  if (code !== 0) throw new Error(`openclaw ${args.join(" ")} ended with ${code}:\n${out}`);
}
