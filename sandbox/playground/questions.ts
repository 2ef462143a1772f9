/** Questions with names, so that every answer can be counted. */

import type { ChatRequest, Rule } from "../model-script.ts";

const ASKED = /\bask:(q\d+)/g;
const TOLD = /\btold:(q\d+)/g;

export function question(nth: number): { name: string; text: string } {
  return { name: `q${nth}`, text: `ask:q${nth}` };
}

/** The scripted model answers them by their names, also where the gateway only asks it to go on after a crash. */
export const namedRules: readonly Rule[] = [
  { when: /\bask:q\d/, reply: answer },
  { when: /continu|interrupt|resum/i, reply: answer },
];

/** All that is asked since the model spoke last: the gateway may put several messages into one run. */
function answer({ asked, messages }: ChatRequest): string {
  const said = (by: string) => messages.filter(({ role }) => role === by).map(({ content }) => content);
  const told = new Set(names(said("assistant"), TOLD));
  const now = names([asked], ASKED);
  const open = now.length > 0 ? now : names(said("user"), ASKED).filter((name) => !told.has(name));
  return open.length === 0
    ? "I have gone on, and nothing was left to do."
    : open.map((name) => `told:${name}`).join(" ");
}

function names(texts: readonly string[], what: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(what)].map(([, name = ""]) => name)))];
}
