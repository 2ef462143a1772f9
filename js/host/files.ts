/** The files of a turn, on their way into the gateway's media store. */
import type { Downloads } from "../core/protocol.ts";
import type { ChannelMedia, MediaFact } from "./sdk.ts";

/** What was fetched, and a line for each file that was not. */
export type Files = { media: MediaFact[]; missing: string[] };

type Fetching = { messageId: string; signal: AbortSignal };

/**
 * Fetches files through the gateway's guard against private addresses, within its limits and retries. Nothing is sent
 * along but the token to the platform's own server for what is guarded there, and the gateway drops it where a redirect
 * leads elsewhere. A file that can't be had costs only itself.
 */
export async function fetchFiles(
  store: Pick<ChannelMedia, "saveRemoteMedia">,
  { files, maxBytes, timeoutMs, origins, authorization }: Downloads,
  { messageId, signal }: Fetching,
): Promise<Files> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const fetched = await Promise.allSettled(
    files.map(({ url, name, isGuarded }) =>
      store.saveRemoteMedia({
        url,
        maxBytes,
        ssrfPolicy: { allowedOrigins: origins },
        requestInit: {
          signal: AbortSignal.any([signal, deadline]),
          ...(isGuarded && authorization ? { headers: { authorization } } : {}),
        },
        retry: {},
        ...(name ? { originalFilename: name, filePathHint: name } : {}),
      }),
    ),
  );
  signal.throwIfAborted();
  const found: Files = { media: [], missing: [] };
  for (const [index, result] of fetched.entries()) {
    const { url = "", name = "" } = files[index] ?? {};
    if (result.status === "rejected") {
      found.missing.push(
        `[${name || "file"} could not be fetched: ${deadline.aborted ? "it took too long" : reasonOf(result.reason)}]`,
      );
      continue;
    }
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
