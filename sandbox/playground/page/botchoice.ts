/** A choice among bots, for the tabs that show one at a time. */

import type { Bot } from "../protocol.ts";
import type { App } from "./app.ts";
import { fill, h, setAttribute } from "./dom.ts";

export interface BotChoice {
  readonly element: HTMLElement;
  /** Shows these; answers with the chosen one, which is one of the room's unless somebody has chosen another. */
  draw(bots: readonly Bot[]): Bot | undefined;
}

/** The choice is the page's: all tabs speak of the same bot. */
export function botChoice(app: App): BotChoice {
  const { store, view, words } = app;
  const element = h("div", { class: "segments bot-choice", role: "group", "aria-label": words.bot });
  let drawn = "";
  const draw = (bots: readonly Bot[]) => {
    const room = store.rooms.find(({ id }) => id === view.room);
    const here = bots.find(({ id }) => room?.bots.includes(id));
    const chosen = bots.find(({ id }) => id === view.bot) ?? here ?? bots[0];
    const names = bots.map(({ id }) => id).join();
    if (names !== drawn) {
      drawn = names;
      const choose = (id: string) => () => {
        view.bot = id;
        app.changed();
      };
      const segment = ({ id, name }: Bot) =>
        h("button", { type: "button", class: "segment", "data-bot": id, onclick: choose(id) }, name);
      fill(element, ...bots.map(segment));
    }
    for (const button of element.querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String(button.dataset["bot"] === chosen?.id));
    }
    return chosen;
  };
  return { element, draw };
}
