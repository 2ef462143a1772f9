// What has to be true before a version is published.

/** Files without which an installed package lacks something that its documents promise. */
export const NEEDED = [
  "package.json",
  "openclaw.plugin.json",
  "README.md",
  "README.zh-CN.md",
  "CHANGELOG.md",
  "LICENSE",
  "assets/icon.png",
  "assets/activity.svg",
  "dist/index.js",
  "dist/secret-contract-api.js",
  "dist/core.wasm",
  "dist/LICENSES.txt",
  "dist/sbom.cdx.json",
];
/** All that may be beside them. */
const ALLOWED = /^(?:dist\/[\w-]+\.js|skills\/[\w/-]+\.md)$/;

/**
 * @typedef {object} State
 * @property {any} pkg package.json
 * @property {string} cargo Cargo.toml
 * @property {string} changelog
 * @property {string} changes What `git status --porcelain` prints.
 * @property {Record<string, string | undefined>} env
 */

/**
 * What is wrong with a release, in words. `isFor` tells what it would stop: only publishing, or a dry run as well.
 * @param {State} state
 * @returns {{ text: string, isFor: "all" | "publishing" }[]}
 */
export function releaseProblems({ pkg, cargo, changelog, changes, env }) {
  const problems = [];
  const say = (text, isFor = "all") => problems.push({ text, isFor });
  const { version } = pkg;
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) say(`package.json: ${version} is no version`);
  const [, crate] = /^version = "([^"]+)"/m.exec(cargo) ?? [];
  if (crate !== version) say(`Cargo.toml has version ${crate}, package.json ${version}`);
  const [, noted, rest = ""] = /^## (\S+)(.*)$/m.exec(changelog) ?? [];
  if (noted !== version) say(`CHANGELOG.md begins with ${noted}, package.json has ${version}`);
  if (rest.includes("unreleased")) say(`CHANGELOG.md still calls ${noted} unreleased`, "publishing");
  for (const text of hostProblems(pkg)) say(text);
  if (changes.trim() !== "") say(`the working tree has changes:\n${changes.trimEnd()}`);
  if (!pkg.repository)
    say("package.json names no repository, to which the provenance would have to lead", "publishing");
  if (env.CI !== "true") say("this is no CI, and only there the provenance can be signed (CI=true)", "publishing");
  return problems;
}

/** The oldest host stands in several places, for several readers. */
function hostProblems({ peerDependencies, openclaw }) {
  const oldest = peerDependencies.openclaw;
  const places = {
    "openclaw.install.minHostVersion": openclaw.install.minHostVersion,
    "openclaw.compat.pluginApi": openclaw.compat.pluginApi,
    "openclaw.compat.minGatewayVersion": `>=${openclaw.compat.minGatewayVersion}`,
  };
  return Object.entries(places)
    .filter(([, value]) => value !== oldest)
    .map(([place, value]) => `package.json: ${place} is ${value}, peerDependencies.openclaw ${oldest}`);
}

/**
 * What a packed tarball has too much or too little of.
 * @param {string[]} files Paths in the package.
 */
export function packageProblems(files) {
  const missing = NEEDED.filter((file) => !files.includes(file)).map((file) => `the package has no ${file}`);
  const extra = files.filter((file) => !NEEDED.includes(file) && !ALLOWED.test(file));
  return [...missing, ...extra.map((file) => `the package has ${file}, which nobody expects`)];
}
