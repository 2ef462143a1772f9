/** Whether a server's clock is ours, by the date that every answer of HTTP bears. */

/**
 * Milliseconds that the server is ahead of this machine, to the second; `undefined` if it does not tell. Never rejects.
 * Asks for nothing in particular and shows no token.
 */
export async function clockSkew(url: string, signal: AbortSignal): Promise<number | undefined> {
  const asked = Date.now();
  try {
    const answer = await fetch(url, { method: "HEAD", redirect: "manual", cache: "no-store", signal });
    await answer.body?.cancel();
    const date = Date.parse(answer.headers.get("date") ?? "");
    // What a cache kept bears the date of then.
    if (Number.isNaN(date) || Number(answer.headers.get("age") ?? 0) > 0) return undefined;
    const between = (asked + Date.now()) / 2;
    // The date is cut to the second, so on average half a second is missing.
    return Math.round((date + 500 - between) / 1_000) * 1_000;
  } catch {
    // What does not answer has its own finding: the probe goes the same way.
    return undefined;
  }
}
