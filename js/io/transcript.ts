/** Has a platform write down what somebody says. */

type Voice = { audio: Uint8Array<ArrayBuffer>; name: string; url: string; authorization: string; signal: AbortSignal };

/**
 * The words of a recording; nothing where the platform is not set up for that or hears none, and `null` where it has no such
 * call.
 */
export async function transcript({
  audio,
  name,
  url,
  authorization,
  signal,
}: Voice): Promise<string | undefined | null> {
  const form = new FormData();
  form.set("audio", new File([audio], name || "voice"));
  // Bytes and no stream: a stream whose request is answered early rejects where nobody can hear it.
  const body = new Response(form);
  const type = body.headers.get("content-type") ?? "";
  const answer = await fetch(url, {
    method: "POST",
    body: await body.arrayBuffer(),
    headers: { authorization, "content-type": type },
    // A redirect would carry the token to wherever it points.
    redirect: "manual",
    signal,
  });
  const text = await answer.text();
  if (answer.status === 404) return null;
  if (!answer.ok) return undefined;
  const said: unknown = Object(JSON.parse(text)).text;
  return typeof said === "string" && said.trim() ? said.trim() : undefined;
}
