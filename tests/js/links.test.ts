/** Every link in the project's pages leads somewhere, and every page is linked to. Nothing is asked of the network. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, type Page } from "./markdown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where readers begin. */
const ENTRANCES = ["README.md", "README.zh-CN.md"];
/** Folders with pages; those of the root are looked at one by one. */
const FOLDERS = ["docs", "sandbox", "skills", "examples"];

const paths = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  ),
];
const pages = new Map(paths.map((path) => [path, parse(readFileSync(join(root, path), "utf8"))]));

/** What a link of a page means: a path of the project with an anchor, or an address elsewhere. */
function resolve(from: string, link: string): { path: string; anchor: string } | URL {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return new URL(link);
  const [path = "", anchor = ""] = link.split("#").map(decodeURIComponent);
  return { path: path === "" ? from : relative(root, join(root, dirname(from), path)), anchor };
}

/** Why a link leads nowhere. */
function fault(from: string, link: string): string | undefined {
  const target = resolve(from, link);
  if (target instanceof URL) return target.protocol === "https:" ? undefined : "is no https address";
  if (target.path.startsWith("..")) return "leaves the project";
  if (!existsSync(join(root, target.path))) return "has no file";
  if (target.anchor === "" || !target.path.endsWith(".md")) return undefined;
  return pages.get(target.path)?.anchors.has(target.anchor) ? undefined : "has no such heading";
}

test("every link leads to a file, a heading, or an https address", () => {
  const links = [...pages].flatMap(([path, page]) => page.links.map((link) => ({ path, link })));
  assert.ok(links.length > 100, `${links.length} links were found`);
  const faults = links.flatMap(({ path, link }) => {
    const why = fault(path, link);
    return why === undefined ? [] : [`${path}: ${link} ${why}`];
  });
  assert.deepEqual(faults, []);
});

test("every page under docs is found from the README, in either language", () => {
  for (const entrance of ENTRANCES) {
    const found = new Set([entrance]);
    for (const path of found) for (const next of linked(path, pages.get(path))) found.add(next);
    const lost = paths.filter((path) => path.startsWith("docs/") && !found.has(path));
    assert.deepEqual(lost, [], entrance);
  }
});

/** The pages that a page links to; a folder stands for all in it. */
function linked(from: string, page: Page | undefined): string[] {
  return (page?.links ?? []).flatMap((link) => {
    const target = resolve(from, link);
    if (target instanceof URL) return [];
    const folder = target.path.replace(/\/?$/, "/");
    return paths.filter((path) => path === target.path || path.startsWith(folder));
  });
}

test("links and headings in code are none, and headings get the anchors that GitHub gives them", () => {
  const page = parse(
    [
      "# A `key`: what's **next**?",
      "## Same",
      "## Same",
      "## 安装 (Install)",
      "[one](a.md#x) ![two](b.png) `[three](c.md)` <!-- [four](d.md) -->",
      "```sh",
      "# no heading",
      "[five](e.md)",
      "```",
      "[six]: f.md",
      '<img src="g.png">',
    ].join("\n"),
  );
  assert.deepEqual(page.links, ["a.md#x", "b.png", "f.md", "g.png"]);
  assert.deepEqual([...page.anchors], ["a-key-whats-next", "same", "same-1", "安装-install"]);
});
