/**
 * The platform's own JavaScript SDK, as the npm registry has it. It is written for bundlers (ES modules without extensions)
 * and for browsers, so it is bundled here and finds its WebSocket as a global.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { WebSocket } from "ws";

export interface SdkMessage {
  readonly messageID: string;
  readonly messageSeq: number;
  readonly fromUID: string;
  readonly channel: { readonly channelID: string; readonly channelType: number };
  readonly content: { readonly text?: string };
}

export interface OfficialSdk {
  config: { uid: string; token: string; addr: string; deviceFlag: number };
  connectManager: { addConnectStatusListener(listener: (reason: number) => void): void; sendPing(): void };
  chatManager: {
    addMessageListener(listener: (message: SdkMessage) => void): void;
    addMessageStatusListener(
      listener: (ack: { clientSeq: number; reasonCode: number; messageSeq: number }) => void,
    ): void;
    send(content: unknown, channel: unknown): Promise<SdkMessage>;
  };
  receiptManager: { timer: NodeJS.Timeout };
  newMessageText(text: string): unknown;
  newChannel(channelId: string, channelType: number): unknown;
  connect(): void;
  disconnect(): void;
}

/** Ends the connection and the timer that the SDK never stops by itself. */
export function closeOfficialSdk(sdk: OfficialSdk): void {
  sdk.disconnect();
  clearInterval(sdk.receiptManager.timer);
}

/** The SDK is a singleton per module, so each client is an import of its own. */
let copies = 0;

export async function loadOfficialSdk(): Promise<OfficialSdk> {
  Object.assign(globalThis, { WebSocket });
  const folder = await mkdtemp(join(tmpdir(), "wukong-sdk-"));
  try {
    const outfile = join(folder, "sdk.mjs");
    await build({
      stdin: { contents: `export { default } from "wukongimjssdk";`, resolveDir: import.meta.dirname },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      // It logs every packet.
      drop: ["console"],
      logLevel: "error",
      banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    });
    copies += 1;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own types need a bundler
    const { default: sdk } = (await import(`${pathToFileURL(outfile).href}?copy=${copies}`)) as {
      default: { shared(): OfficialSdk };
    };
    return sdk.shared();
  } finally {
    await rm(folder, { recursive: true });
  }
}
