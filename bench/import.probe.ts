// What the gateway and every CLI command pay for importing the plugin.

const start = performance.now();
await import(new URL("../dist/index.js", import.meta.url).href);
console.log(`${performance.now() - start} ms, import of the plugin`);
