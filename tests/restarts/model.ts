/** The model of this run: it answers each question by its name, some after a while. */

import type { ChatRequest, Rule } from "../../sandbox/model-script.ts";

/** Long enough that a restart meets runs in which the agent thinks. */
const THINKS_MS = 1_500;

export const RULES: Rule[] = [
  { when: /ask:q\d*[05](?!\d)(?![^]*ask:)/, reply: answer, delayMs: THINKS_MS },
  { when: /[^]*/, reply: answer },
];

/**
 * All that is asked since the model spoke last: the gateway may put several messages into one run. Where it only asks the
 * model to go on, what stands in the conversation without an answer, or the answer that it shows to the model for that.
 */
function answer({ asked, messages }: ChatRequest): string {
  const said = (by: string) => messages.filter(({ role }) => role === by).map(({ content }) => content);
  const told = new Set(names(said("assistant"), /told:(q\d+)/g));
  const now = names([asked], ASKED);
  const unanswered = names(said("user"), ASKED).filter((name) => !told.has(name));
  const open = [now, unanswered, names([asked], /told:(q\d+)/g)].find((all) => all.length > 0) ?? [];
  return open.length === 0 ? "Nothing is open." : open.map((name) => `told:${name}`).join(" ");
}

const ASKED = /ask:(q\d+)/g;

/** What the expression finds in the texts, each once. */
function names(texts: readonly string[], what: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(what)].map(([, name = ""]) => name)))];
}
