/** The files of a turn, on their way into the gateway's media store. */
import type { Downloads, Media } from "../core/protocol.ts";
import { transcript } from "../io/transcript.ts";
import type { ChannelMedia, MediaFact } from "./sdk.ts";

/** What was fetched, a line for each file that was not, and a line for each voice that was written down instead. */
export type Files = { media: MediaFact[]; missing: string[]; said: string[] };

/** A file as the gateway keeps it. */
type Stored = Awaited<ReturnType<ChannelMedia["saveMediaBuffer"]>>;
type Fetching = { messageId: string; signal: AbortSignal };

type Store = Pick<ChannelMedia, "saveRemoteMedia" | "readRemoteMediaBuffer" | "saveMediaBuffer">;

/** Lives of accounts whose server has no transcriber: a voice is not sent there again before the account starts anew. */
const unheard = new WeakSet<AbortSignal>();

/**
 * Fetches files through the gateway's guard against private addresses, within its limits and retries. Nothing is sent
 * along but the token to the platform's own server for what is guarded there, and the gateway drops it where a redirect
 * leads elsewhere. A file that can't be had costs only itself.
 */
export async function fetchFiles(store: Store, downloads: Downloads, { messageId, signal }: Fetching): Promise<Files> {
  const { files, timeoutMs } = downloads;
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  const until = { life: signal, signal: either };
  const fetched = await Promise.allSettled(files.map((file) => fetchFile(store, downloads, file, until)));
  signal.throwIfAborted();
  const found: Files = { media: [], missing: [], said: [] };
  for (const [index, result] of fetched.entries()) {
    const { url = "", name = "", saidBy } = files[index] ?? {};
    if (result.status === "rejected") {
      found.missing.push(
        `[${name || "file"} could not be fetched: ${deadline.aborted ? "it took too long" : reasonOf(result.reason)}]`,
      );
    } else if (typeof result.value === "string") {
      const whose = saidBy ? ` of ${saidBy}` : "";
      // In quotes and on one line: whatever somebody says, it looks like nobody else's line.
      const words = JSON.stringify(result.value.replace(/\s+/g, " "));
      found.said.push(`[${name || "voice message"}${whose}, transcribed: ${words}]`);
    } else {
      const { path, contentType, size } = result.value;
      found.media.push({
        path,
        url,
        sizeBytes: size,
        messageId,
        ...(contentType ? { contentType } : {}),
        ...(name ? { fileName: name } : {}),
      });
    }
  }
  return found;
}

/** One file in the store, or the words of a voice. */
async function fetchFile(
  store: Store,
  { maxBytes, origins, authorization, transcriber }: Downloads,
  { url, name, isGuarded, isVoice }: Media,
  { life, signal }: { life: AbortSignal; signal: AbortSignal },
): Promise<Stored | string> {
  const request = {
    url,
    maxBytes,
    ssrfPolicy: { allowedOrigins: origins },
    requestInit: { signal, ...(isGuarded && authorization ? { headers: { authorization } } : {}) },
    retry: {},
    ...(name ? { filePathHint: name } : {}),
  };
  if (!isVoice || !transcriber || !authorization || unheard.has(life)) {
    return store.saveRemoteMedia({ ...request, ...(name ? { originalFilename: name } : {}) });
  }
  const { buffer, contentType } = await store.readRemoteMediaBuffer(request);
  const voice = { audio: new Uint8Array(buffer), name, url: transcriber, authorization, signal };
  const words = await transcript(voice).catch(() => undefined);
  if (words === null) unheard.add(life);
  // Without its words the recording itself is there; the gateway may have a model for it.
  return words ?? store.saveMediaBuffer(buffer, contentType, "inbound", maxBytes, name || undefined, name || undefined);
}

/** Without the URL, which may be signed, and without what the other server wrote, which anybody can have written. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no reason given";
  const { code, status } = error as Error & { code?: unknown; status?: unknown };
  if (code === "max_bytes") return "it is too large";
  if (typeof status === "number") return `HTTP ${status}`;
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.name === "SsrFBlockedError" ? "its address is private" : "its server did not give it";
}
