/** Files that the agent wants sent: of this machine only from the gateway's media folders, of others past its guard. */
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileAccess, FileOrder } from "../drive/host.ts";
import type { OpenFile } from "../io/outgoing-files.ts";
import { openSafely, type ChannelMedia } from "./sdk.ts";

const OUTSIDE = "it is outside of the folders that the agent may send from";

/** Opens a file. Rejects with a sentence for people: no path, no URL, nothing that another server wrote. */
export async function openOutgoing(
  store: Pick<ChannelMedia, "saveRemoteMedia">,
  { source, maxBytes, origin }: FileOrder,
  access: FileAccess,
  signal: AbortSignal,
): Promise<OpenFile> {
  if (!/^https?:\/\//i.test(source)) return await openLocal(source, access);
  const saved = await store
    .saveRemoteMedia({ url: source, maxBytes, ssrfPolicy: { allowedOrigins: [origin] }, requestInit: { signal } })
    .catch((error: unknown) => {
      const isLarge = error instanceof Error && "code" in error && error.code === "max_bytes";
      throw new Error(isLarge ? "it is too large" : "it could not be fetched", { cause: undefined });
    });
  // The gateway's own media folder.
  return await openChecked(saved.path, undefined);
}

async function openLocal(source: string, access: FileAccess): Promise<OpenFile> {
  const path = pathOf(source);
  if (path === undefined) throw new Error("it is no file and no link");
  const roots = await Promise.all(access.localRoots.map((root) => realpath(root).catch(() => resolve(root))));
  const candidates = isAbsolute(path) ? [path] : roots.map((root) => resolve(root, path));
  let problem = new Error(OUTSIDE);
  for (const candidate of access.workspaceDir && !isAbsolute(path)
    ? [resolve(access.workspaceDir, path), ...candidates]
    : candidates) {
    // Before it is opened: what is outside is not even said to exist.
    if (!roots.some((root) => isInside(root, candidate)) && !(await isLinkedInside(roots, candidate))) continue;
    try {
      return await openChecked(candidate, roots);
    } catch (error) {
      if (error instanceof Error) problem = error;
    }
  }
  throw problem;
}

/** Whether a folder on the way is a link that leads inside, as `/tmp` is on some systems. */
async function isLinkedInside(roots: readonly string[], path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && roots.some((root) => isInside(root, real));
}

/** Opens without following a link in the last name, and checks where the open file really is. */
async function openChecked(path: string, roots: readonly string[] | undefined): Promise<OpenFile> {
  const { handle, realPath, stat } = await openSafely(path).catch(() => {
    throw new Error("it is not there, or no ordinary file", { cause: undefined });
  });
  if (roots && !roots.some((root) => isInside(root, realPath))) {
    await handle.close();
    throw new Error(OUTSIDE);
  }
  return {
    size: stat.size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    close: () => handle.close(),
  };
}

/** A path of this machine; of another one there is none, as Windows would log in there if the path were only looked at. */
function pathOf(source: string): string | undefined {
  const path = /^file:/i.test(source) ? pathOfUrl(source) : source;
  const isElsewhere = path === undefined || /^[a-z][a-z0-9+.-]+:|^[\\/]{2}/i.test(path) || path.includes("\0");
  return isElsewhere ? undefined : path;
}

function pathOfUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
