/** A person's or bot's mark: initials on a color that is always the same for the same id. */

import { h } from "./dom.ts";
import { initials } from "./format.ts";

/** As many as `style.css` has. */
const HUES = 7;

export function avatar(id: string, name: string, isBot = false): HTMLElement {
  return h(
    "span",
    { class: `avatar hue-${hueOf(id)}${isBot ? " is-bot" : ""}`, "aria-hidden": "true" },
    initials(name),
  );
}

function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % HUES;
}
