import type { OpenCore } from "./account.ts";

/** Stands in until the wasm core is linked. */
export const openWasmCore: OpenCore = async () => {
  throw new Error("core not built");
};
