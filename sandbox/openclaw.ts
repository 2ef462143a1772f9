/** A real OpenClaw in a throw-away home: installs the packed plugin, runs the gateway, runs CLI commands. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "./json.ts";
import { KeptHome } from "./kept-home.ts";

/** The project's own, or another version that `npm run matrix` tries. */
const CLI =
  process.env["SANDBOX_OPENCLAW"] ?? fileURLToPath(new URL("../node_modules/openclaw/openclaw.mjs", import.meta.url));
const GATEWAY_TOKEN = "sandbox-gateway-token";

/** From `gateway run` to an answering `/readyz`: 3 to 22 s were seen on two busy cores. */
const READY_MS = 240_000;
/** The gateway drains running turns before it ends. */
const STOP_MS = 30_000;
/** How much of the gateway's output is kept for a failed test. */
const KEPT_LINES = 2_000;

/** Where the gateway finds its model, and the channels it runs. */
export interface GatewayConfig {
  modelUrl: string;
  channels: Readonly<Record<string, unknown>>;
  /** Merged over the rest, at the top level. */
  more?: Readonly<Record<string, unknown>>;
}

export interface CliResult {
  code: number | null;
  out: string;
}

const BREAKER = /autostart suppressed by crash-loop breaker/;

/** One home directory, with at most one running gateway. */
export class OpenClaw implements AsyncDisposable {
  readonly home: string;
  /** The gateway's output, newest last. */
  readonly lines: string[] = [];
  /** Everything that the gateway and its commands have ever said, piece by piece. */
  readonly words: string[] = [];
  /** After a few crashes in a row the gateway leaves its channels stopped until an operator starts them. */
  isHeldBack = false;
  #gateway: ChildProcess | undefined;
  #port = 0;

  readonly #released: () => Promise<void>;

  private constructor(home: string, released: () => Promise<void> = () => Promise.resolve()) {
    this.home = home;
    this.#released = released;
  }

  /** Installs a packed plugin into a new home, as the README's command does. */
  static async install(tarball: string): Promise<OpenClaw> {
    const claw = new OpenClaw(await mkdtemp(join(tmpdir(), "openclaw-home-")));
    return claw.#install(`npm-pack:${tarball}`);
  }

  /**
   * The same, and fast: what the installation made is kept in a folder and only laid out again if plugin, host and Node are
   * the ones of then. The home stands in that folder, since the host writes its address down; one process at a time has it.
   */
  static async installOnce(tarball: string, folder: string): Promise<OpenClaw> {
    const kept = await KeptHome.of(tarball, folder);
    if (kept === undefined) return OpenClaw.install(tarball);
    const claw = new OpenClaw(kept.home, () => kept.release());
    if (!(await kept.layOut())) {
      await claw.#install(`npm-pack:${tarball}`);
      await kept.keep();
    }
    return claw;
  }

  /** Installs it as a plain archive into a home whose npm reaches no registry. */
  static async installOffline(tarball: string): Promise<OpenClaw> {
    const claw = new OpenClaw(await mkdtemp(join(tmpdir(), "openclaw-home-")));
    await writeFile(join(claw.home, ".npmrc"), "registry=http://127.0.0.1:9/\nfetch-retries=0\n");
    return claw.#install(tarball);
  }

  async #install(spec: string): Promise<OpenClaw> {
    const installed = await this.cli("plugins", "install", spec, "--force", "--accept-capabilities");
    if (installed.code !== 0) {
      await this[Symbol.asyncDispose]();
      throw new Error(`the plugin did not install:\n${installed.out}`);
    }
    return this;
  }

  get stateDir(): string {
    return join(this.home, ".openclaw");
  }

  /** Where the agent works. */
  get workspace(): string {
    return join(this.home, "ws");
  }

  /** Its configuration. */
  get configFile(): string {
    return join(this.stateDir, "openclaw.json");
  }

  get pid(): number | undefined {
    return this.#gateway?.pid;
  }

  /** Runs a CLI command to its end; both outputs together. */
  async cli(...args: string[]): Promise<CliResult> {
    const child = spawn(process.execPath, [CLI, ...args], { env: this.#env(), stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(child, "close");
    const out = Buffer.concat(chunks).toString("utf8");
    this.words.push(out);
    return { code: child.exitCode, out };
  }

  /** Merges a minimal configuration into what the installation wrote. */
  async configure({ modelUrl, channels, more = {} }: GatewayConfig): Promise<void> {
    this.#port ||= await freePort();
    const path = this.configFile;
    const installed: unknown = JSON.parse(await readFile(path, "utf8"));
    const config = {
      ...(isRecord(installed) ? installed : {}),
      gateway: {
        mode: "local",
        port: this.#port,
        bind: "loopback",
        auth: { mode: "token", token: GATEWAY_TOKEN },
        controlUi: { enabled: false },
      },
      models: { mode: "replace", providers: { sandbox: provider(modelUrl) } },
      agents: {
        defaults: { model: { primary: "sandbox/scripted" }, workspace: this.workspace, skipBootstrap: true },
      },
      session: { dmScope: "per-account-channel-peer" },
      update: { checkOnStart: false },
      channels,
      ...more,
    };
    await writeFile(path, JSON.stringify(config, null, 2));
  }

  /** Starts the gateway, with more in its environment, and waits until it is ready. */
  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    this.isHeldBack = false;
    const child = spawn(process.execPath, [CLI, "gateway", "run"], {
      env: { ...this.#env(), ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#gateway = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => this.#keep(chunk));
    const deadline = Date.now() + READY_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the gateway ended:\n${this.tail()}`);
      if (Date.now() > deadline) throw new Error(`the gateway was not ready in ${READY_MS} ms:\n${this.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Resolves once the gateway has ended by itself. */
  async ended(): Promise<void> {
    const child = this.#gateway;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, "close");
  }

  /** Ends the gateway: politely and completely, or with SIGKILL as a crash would. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#gateway;
    this.#gateway = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await closed;
    clearTimeout(timer);
  }

  /** The end of the gateway's output, for error messages. */
  tail(count = 60): string {
    return this.lines.slice(-count).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
    await this.#released();
  }

  async #isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  #keep(chunk: Buffer): void {
    const text = chunk.toString("utf8");
    this.isHeldBack ||= BREAKER.test(text);
    this.words.push(text);
    this.lines.push(...text.split("\n").filter(Boolean));
    this.lines.splice(0, Math.max(0, this.lines.length - KEPT_LINES));
  }

  /** Nothing of the person's own installation may leak in. */
  #env(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(OPENCLAW_|MOCHAT_|DMWORK_|NODE_OPTIONS$|npm_)/i.test(name),
    );
    return { ...Object.fromEntries(kept), HOME: this.home, USERPROFILE: this.home, NO_COLOR: "1" };
  }
}

function provider(baseUrl: string): object {
  return {
    baseUrl,
    apiKey: "sk-sandbox",
    api: "openai-completions",
    request: { allowPrivateNetwork: true },
    models: [{ id: "scripted", name: "Scripted", input: ["text", "image"], contextWindow: 128_000, maxTokens: 4096 }],
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  return address.port;
}
