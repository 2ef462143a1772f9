// What the gateway and every CLI command pay for importing the plugin. The host's SDK is loaded there already, so its
// share is measured apart.

const start = performance.now();
await import("openclaw/plugin-sdk/plugin-entry");
const loaded = performance.now();
await import(new URL("../dist/index.js", import.meta.url).href);
console.log(`${loaded - start} ms, import of the SDK's entry`);
console.log(`${performance.now() - loaded} ms, import of the plugin on top of it`);
