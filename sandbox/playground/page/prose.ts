/** Texts with code in them: between backticks, as the plugin writes its sentences, and keys that may break at their dots. */

import { h, type Child } from "./dom.ts";

export function prose(text: string): Child[] {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? h("code", {}, piece) : piece));
}

/** A long key breaks after a dot rather than within a word. */
export function breakable(key: string): Child[] {
  return key.split(/(?<=\.)/).flatMap((piece) => [piece, h("wbr")]);
}
