/** Messages as the benchmarks send them. */

const json = (text: string): string => JSON.stringify({ type: 1, content: text });

/** The text of a chat message whose payload has exactly so many bytes. Numbers make different ones. */
export function content(bytes: number, number = 0): string {
  const words = "The build of the release branch is red again: linking fails on two of three runners. ";
  const text = `${number} `.concat(words.repeat(Math.ceil(bytes / words.length)));
  return text.slice(0, bytes - json("").length);
}

/** That message's payload. */
export function payload(bytes: number, number = 0): Buffer {
  return Buffer.from(json(content(bytes, number)));
}
