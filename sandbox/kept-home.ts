/** Homes in which a plugin was installed, kept for the next start: the installation takes ten seconds, a copy none. */

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "./json.ts";

const HOST = fileURLToPath(new URL("../node_modules/openclaw/", import.meta.url));
/** What is not of this installation but of npm's work for it. */
const LEFT_OUT = new Set([".npm", ".cache"]);

export class KeptHome {
  /** Where the gateway lives while it runs. */
  readonly home: string;
  readonly #installed: string;
  readonly #lock: string;

  private constructor(folder: string) {
    this.home = join(folder, "home");
    this.#installed = join(folder, "installed");
    this.#lock = join(folder, "lock");
  }

  /** The home for this plugin, host and Node; nothing if another process has it. Those of other versions are removed. */
  static async of(tarball: string, folder: string): Promise<KeptHome | undefined> {
    const name = await nameOf(tarball);
    await mkdir(join(folder, name), { recursive: true });
    const kept = new KeptHome(join(folder, name));
    if (!(await kept.#acquire())) return undefined;
    const others = (await readdir(folder))
      .filter((other) => other !== name)
      .map((other) => new KeptHome(join(folder, other)));
    for (const other of others)
      if (await other.#acquire()) await rm(join(other.home, ".."), { recursive: true, force: true });
    return kept;
  }

  /** Lays out what was installed; `false` if there is nothing yet. */
  async layOut(): Promise<boolean> {
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
    const isThere = await exists(this.#installed);
    if (isThere) await cp(this.#installed, this.home, { recursive: true, verbatimSymlinks: true });
    else await mkdir(this.home);
    return isThere;
  }

  /** Keeps what was installed, whole or not at all. */
  async keep(): Promise<void> {
    const unfinished = `${this.#installed}.new`;
    await rm(unfinished, { recursive: true, force: true });
    const isOf = (path: string) => !LEFT_OUT.has(path.slice(this.home.length + 1));
    await cp(this.home, unfinished, { recursive: true, verbatimSymlinks: true, filter: isOf });
    await rename(unfinished, this.#installed);
  }

  async release(): Promise<void> {
    await rm(this.#lock, { force: true });
  }

  /** The lock names its process: one that died lets go of it. */
  async #acquire(): Promise<boolean> {
    try {
      await writeFile(this.#lock, String(process.pid), { flag: "wx" });
      return true;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const owner = Number(await readFile(this.#lock, "utf8"));
    if (owner === 0 || isAlive(owner)) return false;
    await this.release();
    return this.#acquire();
  }
}

/** Another plugin, host, Node or place makes another home. */
async function nameOf(tarball: string): Promise<string> {
  const host = await realpath(HOST);
  const manifest: unknown = JSON.parse(await readFile(join(host, "package.json"), "utf8"));
  const version = isRecord(manifest) ? String(manifest["version"]) : "";
  const hash = createHash("sha256").update(await readFile(tarball));
  return hash.update([host, version, process.version].join("\n")).digest("hex").slice(0, 16);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
