/** Reads the imports of Rust and TypeScript files and names those that go against docs/ARCHITECTURE.md. */

import { posix } from "node:path";

/** Rust modules from the top down. A module imports only what is further down. */
const RUST_LAYERS = [
  ["lib", "protocol_types"],
  ["wasm"],
  ["account", "setup"],
  ["platform"],
  ["link", "policy", "talk", "outbox", "tools", "faults"],
  ["inbox"],
  ["wire"],
  ["text"],
  [
    "call",
    "clock",
    "config",
    "error",
    "ids",
    "json",
    "message",
    "reason",
    "recent",
    "secret",
    "step",
    "subject",
    "time",
    "generated",
  ],
];

/** What a platform's bytes mean is known here and above, and nowhere below. */
const WIRE_READERS = ["wasm", "account", "setup", "platform"];

/** Harmless steps up: a shortened body for a log line is no layer. */
const RUST_EXCEPTIONS = ["call -> text::excerpt"];

/** Crates that know JavaScript, and code that waits. */
const JAVASCRIPT_CRATES = /\b(?:js_sys|web_sys|wasm_bindgen|wasm_bindgen_futures|serde_wasm_bindgen|gloo_\w+)\b/;
const ASYNCHRONOUS = /\basync\b|\.await\b/;

/** Folders and files of js/ from the top down; those in one line may import each other. */
const JS_LAYERS = [["index"], ["cli"], ["channels"], ["secret-contract-api"], ["host", "drive"], ["io", "core"]];

/** The only files that know the host's SDK. */
const SDK_READERS = ["js/host/sdk.ts", "js/secret-contract-api.ts"];

/** @param path From the repository's root, such as `src/wire/reader.rs`. */
export function breaches(path: string, source: string): string[] {
  return path.endsWith(".rs") ? rustBreaches(path, source) : typescriptBreaches(path, source);
}

function rustBreaches(path: string, source: string): string[] {
  const code = withoutRustText(source);
  const modules = path
    .replace(/^src\//, "")
    .replace(/(\/mod)?\.rs$/, "")
    .split("/");
  const from = modules[0] ?? "";
  const problems = rustImports(code, modules).flatMap((target) => {
    const to = topOf(target);
    const [above, below] = [layerOf(RUST_LAYERS, from), layerOf(RUST_LAYERS, to)];
    if (to === from || RUST_EXCEPTIONS.includes(`${from} -> ${target}`)) return [];
    if (above === undefined || below === undefined) return [`${above === undefined ? from : to} is in no layer`];
    const isVocabulary = above === below && above === RUST_LAYERS.length - 1;
    if (above >= below && !isVocabulary) return [`${from} imports ${target}, which is not below it`];
    return to === "wire" && !WIRE_READERS.includes(from) ? [`${from} imports ${target}`] : [];
  });
  if (from !== "wasm") {
    if (JAVASCRIPT_CRATES.test(code)) problems.push(`${from} knows JavaScript`);
    if (ASYNCHRONOUS.test(code)) problems.push(`${from} is asynchronous`);
  }
  return problems.map((problem) => `${path}: ${problem}`);
}

function topOf(path: string): string {
  return path.split("::")[0] ?? "";
}

/** Blanks out comments, strings and characters. */
function withoutRustText(source: string): string {
  const text = /\/\/.*|\/\*[^]*?\*\/|\bb?r(#+)"[^]*?"\1|\bb?r"[^"]*"|"(?:\\[^]|[^"\\])*"|'(?:\\[^']+|[^'\\])'/g;
  return source.replaceAll(text, " ");
}

/** Paths that start at the crate, with braces spelled out: `wire::reader::Reader`. */
function rustImports(code: string, modules: string[]): string[] {
  const imports = [...code.matchAll(/\b(crate|(?:super::)*super)::((?:\w+(?:::)?)*\{?)/g)];
  return imports.flatMap(({ index, 0: text, 1: root = "", 2: rest = "" }) => {
    const ups = root === "crate" ? modules.length : root.split("::").length;
    const base = modules.slice(0, Math.max(0, modules.length - ups));
    const tail = rest.endsWith("{") ? branches(code, index + text.length) : [""];
    const head = rest.replace(/(::)?\{?$/, "");
    const paths = tail.map((branch) => [...base, head, branch].filter(Boolean).join("::"));
    // In a file's own `mod tests`, `super` is the file itself and not its parent: then this names no module.
    return root === "crate" ? paths : paths.filter((path) => layerOf(RUST_LAYERS, topOf(path)) !== undefined);
  });
}

/** The comma-separated paths from just behind an opening brace to its end, without what is in braces inside. */
function branches(code: string, start: number): string[] {
  const found = [""];
  for (let position = start, depth = 1; position < code.length; position += 1) {
    const character = code.charAt(position);
    if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    if (depth === 0) break;
    if (character === "," && depth === 1) found.push("");
    else if (depth === 1 && /[\w:]/.test(character)) found[found.length - 1] += character;
  }
  return found.filter(Boolean).map((path) => path.replace(/::$/, ""));
}

function typescriptBreaches(path: string, source: string): string[] {
  const imports = [...source.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map(([, target = ""]) => target);
  const from = jsModule(path);
  return imports.flatMap((target) => {
    if (/^openclaw(\/|$)/.test(target)) return SDK_READERS.includes(path) ? [] : [`${path}: imports ${target}`];
    if (!target.startsWith(".")) return [];
    const to = jsModule(posix.join(posix.dirname(path), target));
    const [above, below] = [layerOf(JS_LAYERS, from), layerOf(JS_LAYERS, to)];
    if (above === undefined || below === undefined)
      return [`${path}: ${above === undefined ? from : to} is in no layer`];
    return above > below ? [`${path}: imports ${target}, which is above it`] : [];
  });
}

/** The folder or the file directly under js/. */
function jsModule(path: string): string {
  return (path.replace(/^js\//, "").split("/")[0] ?? "").replace(/(\.d)?\.[jt]s$/, "");
}

function layerOf(layers: string[][], module: string): number | undefined {
  const layer = layers.findIndex((modules) => modules.includes(module));
  return layer < 0 ? undefined : layer;
}
