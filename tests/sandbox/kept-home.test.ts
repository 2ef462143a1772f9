/** Homes that are kept for the next start. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { KeptHome } from "../../sandbox/kept-home.ts";

interface Scene extends AsyncDisposable {
  readonly folder: string;
  /** A package with this in it. */
  packed(content: string): Promise<string>;
}

async function scene(): Promise<Scene> {
  const base = await mkdtemp(join(tmpdir(), "kept-"));
  const packed = async (content: string) => {
    const file = join(base, "plugin.tgz");
    await writeFile(file, content);
    return file;
  };
  const close = () => rm(base, { recursive: true, force: true });
  return { folder: join(base, "homes"), packed, [Symbol.asyncDispose]: close };
}

async function open({ folder }: Scene, tarball: string): Promise<KeptHome> {
  const kept = await KeptHome.of(tarball, folder);
  assert.ok(kept !== undefined);
  return kept;
}

test("what was installed is there again, without what was made of it later and without npm's leftovers", async () => {
  await using stage = await scene();
  const tarball = await stage.packed("one");
  const first = await open(stage, tarball);
  assert.equal(await first.layOut(), false);
  await writeFile(join(first.home, "installed"), "plugin");
  await symlink("/elsewhere", join(first.home, "host"));
  await writeFile(join(first.home, ".npm"), "log");
  await first.keep();
  await writeFile(join(first.home, "installed"), "changed");
  await writeFile(join(first.home, "store.sqlite"), "messages");
  await first.release();

  const second = await open(stage, tarball);
  assert.equal(second.home, first.home);
  assert.equal(await second.layOut(), true);
  assert.deepEqual((await readdir(second.home)).toSorted(), ["host", "installed"]);
  assert.equal(await readFile(join(second.home, "installed"), "utf8"), "plugin");
  assert.equal(await readlink(join(second.home, "host")), "/elsewhere");
});

test("another plugin gets another home, and that of the one before goes", async () => {
  await using stage = await scene();
  const first = await open(stage, await stage.packed("one"));
  await first.layOut();
  await first.keep();
  await first.release();
  const second = await open(stage, await stage.packed("two"));
  assert.equal(await second.layOut(), false);
  assert.equal((await readdir(stage.folder)).length, 1);
});

test("a home is one process's at a time, until it lets go of it or dies", async () => {
  await using stage = await scene();
  const tarball = await stage.packed("one");
  const first = await open(stage, tarball);
  assert.equal(await KeptHome.of(tarball, stage.folder), undefined);
  await first.release();
  const second = await open(stage, tarball);
  const { pid } = spawnSync(process.execPath, ["--version"]);
  await writeFile(join(second.home, "../lock"), String(pid));
  await open(stage, tarball);
});
