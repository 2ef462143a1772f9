/** Messages as the benchmarks send them. */

const json = (content: string): string => JSON.stringify({ type: 1, content });

/** A chat message with a payload of exactly so many bytes. */
export function payload(bytes: number): Buffer {
  const words = "The build of the release branch is red again: linking fails on two of three runners. ";
  const text = words.repeat(Math.ceil(bytes / words.length));
  return Buffer.from(json(text.slice(0, bytes - json("").length)));
}
