/** Two dialogs about a trace: what the model was sent for its turn, and what the command line tells about it. */

import type { Prompt, Trace } from "../protocol.ts";
import { api } from "./api.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { h } from "./dom.ts";
import { exactClock } from "./format.ts";

export async function showPrompt({ words, fail }: App, { bot, path }: Trace): Promise<void> {
  if (path.turn === null) return;
  const prompt = await api.prompt(bot, path.turn.id).catch(fail);
  if (prompt === undefined) return;
  const requests = prompt.requests.map((request) => requestOf(words, request));
  openDialog(words, words.trace.prompt, "is-prompt", ...requests);
}

function requestOf({ trace }: App["words"], { at, messages, tools }: Prompt["requests"][number]): HTMLElement {
  const parts = messages.map(({ role, content }) =>
    h(
      "details",
      { class: "prompt-part", "data-role": role, open: role === "user" },
      h("summary", {}, role, h("span", { class: "muted" }, ` ${content.length}`)),
      h("pre", {}, content),
    ),
  );
  const about = `${trace.request(exactClock(at))} · ${trace.promptTools(tools.length)}`;
  return h("section", { class: "prompt" }, h("p", { class: "muted" }, about), ...parts);
}

export async function showWhy({ store, words, fail }: App, { bot, path }: Trace): Promise<void> {
  const why = await api.why(bot, path.id).catch(fail);
  if (why === undefined) return;
  const platform = store.bots.find(({ id }) => id === bot)?.platform ?? "";
  const command = `openclaw ${platform} why ${path.id}`;
  openDialog(words, words.trace.whyTitle(command), "is-why", h("pre", { class: "terminal", tabindex: 0 }, why.text));
}
