// What `openclaw plugins install <archive>` takes in an empty home whose npm reaches no registry: this package, and beside
// it a plugin of one line, which is the host's own share. Nearly all of it is the host's start; on a machine with other
// work to do compare the two, or the processor's time.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../node_modules/openclaw/openclaw.mjs", import.meta.url));
const PACKED = fileURLToPath(new URL("../.cache/pack/release.tgz", import.meta.url));
/** Who waits for a child is told its processor time by the shell. */
const TIMED = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null';

const home = mkdtempSync(join(tmpdir(), "install-"));
try {
  for (const [what, tarball] of [
    ["this package", PACKED],
    ["a plugin of one line", oneLine(home)],
  ] as const) {
    const { wall, processor } = install(tarball);
    console.log(`${wall} s, offline installation of ${what}`);
    console.log(`${processor.toFixed(1)} s of processor for it, ${what}`);
  }
} finally {
  rmSync(home, { recursive: true });
}

function install(tarball: string) {
  const HOME = mkdtempSync(join(home, "home-"));
  writeFileSync(join(HOME, ".npmrc"), "registry=http://127.0.0.1:9/\nfetch-retries=0\n");
  const command = [process.execPath, CLI, "plugins", "install", tarball, "--force", "--accept-capabilities"];
  const env = { ...process.env, HOME, USERPROFILE: HOME };
  const { status, stderr } = spawnSync("bash", ["-c", TIMED, "bash", ...command], { env, encoding: "utf8" });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  if (status !== 0) throw new Error(`it did not install:\n${stderr}`);
  return { wall, processor: user + system };
}

function oneLine(folder: string): string {
  const files = {
    "package.json": {
      name: "one-line",
      version: "1.0.0",
      type: "module",
      openclaw: readManifest().openclaw,
    },
    "openclaw.plugin.json": { id: "one-line", configSchema: { type: "object", properties: {} } },
  };
  mkdirSync(join(folder, "package/dist"), { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(folder, "package", file), JSON.stringify(content));
  writeFileSync(join(folder, "package/dist/index.js"), 'export default { id: "one-line", register() {} };\n');
  spawnSync("tar", ["-czf", join(folder, "one-line.tgz"), "-C", folder, "package"]);
  return join(folder, "one-line.tgz");
}

/** Only what an archive needs: where it begins, and for which host. */
function readManifest(): { openclaw: object } {
  const pkg: { openclaw: { extensions: string[]; compat: object } } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return { openclaw: { extensions: pkg.openclaw.extensions, compat: pkg.openclaw.compat } };
}
