/** The files of a turn, on their way into the gateway's media store. */
import type { Downloads } from "../core/protocol.ts";
import { transcript } from "../io/transcript.ts";
import type { ChannelMedia, MediaFact } from "./sdk.ts";

/** What was fetched, a line for each file that was not, and a line for each voice that was written down instead. */
export type Files = { media: MediaFact[]; missing: string[]; said: string[] };

type Fetching = { messageId: string; signal: AbortSignal };

/**
 * Fetches files through the gateway's guard against private addresses, within its limits and retries. Nothing is sent
 * along but the token to the platform's own server for what is guarded there, and the gateway drops it where a redirect
 * leads elsewhere. A file that can't be had costs only itself.
 */
export async function fetchFiles(
  store: Pick<ChannelMedia, "saveRemoteMedia">,
  { files, maxBytes, timeoutMs, origins, authorization, transcriber }: Downloads,
  { messageId, signal }: Fetching,
): Promise<Files> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  const fetched = await Promise.allSettled(
    files.map(({ url, name, isGuarded }) =>
      store.saveRemoteMedia({
        url,
        maxBytes,
        ssrfPolicy: { allowedOrigins: origins },
        requestInit: {
          signal: either,
          ...(isGuarded && authorization ? { headers: { authorization } } : {}),
        },
        retry: {},
        ...(name ? { originalFilename: name, filePathHint: name } : {}),
      }),
    ),
  );
  signal.throwIfAborted();
  const found: Files = { media: [], missing: [], said: [] };
  for (const [index, result] of fetched.entries()) {
    const { url = "", name = "", isVoice = false } = files[index] ?? {};
    if (result.status === "rejected") {
      found.missing.push(
        `[${name || "file"} could not be fetched: ${deadline.aborted ? "it took too long" : reasonOf(result.reason)}]`,
      );
      continue;
    }
    const { path, contentType, size } = result.value;
    if (isVoice && transcriber && authorization) {
      // Without its words the recording itself is there; the gateway may have a model for it.
      const words = await transcript({ path, name, url: transcriber, authorization, signal: either }).catch(
        () => undefined,
      );
      signal.throwIfAborted();
      if (words !== undefined) {
        found.said.push(`[${name || "voice message"}, transcribed: ${words}]`);
        continue;
      }
    }
    found.media.push({
      path,
      url,
      sizeBytes: size,
      messageId,
      ...(contentType ? { contentType } : {}),
      ...(name ? { fileName: name } : {}),
    });
  }
  return found;
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
