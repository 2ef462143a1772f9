/** The column that looks into the plugin: four tabs, of which only the open one is drawn. */

import type { App, Part } from "./app.ts";
import { h, roving, setAttribute } from "./dom.ts";
import { historyPanel } from "./history.ts";
import { settingsPanel } from "./settings.ts";
import { tracePanel } from "./trace.ts";
import { tabs, type Tab } from "./view.ts";
import { wirePanel } from "./wire.ts";

export function inspector(app: App): Part {
  const { view, words } = app;
  const panels: Readonly<Record<Tab, Part>> = {
    trace: tracePanel(app),
    history: historyPanel(app),
    wire: wirePanel(app),
    settings: settingsPanel(app),
  };
  const buttons = tabs.map((tab) => {
    const props = {
      type: "button",
      role: "tab",
      id: `tab-${tab}`,
      "aria-controls": `panel-${tab}`,
      class: "tab",
    } as const;
    const open = () => {
      view.tab = tab;
      app.changed();
    };
    // With the arrow keys a tab opens as it gets the focus.
    return h("button", { ...props, onclick: open, onfocus: open }, words.tabs[tab]);
  });
  const tablist = h("div", { class: "tabs", role: "tablist", "aria-label": words.tabs.name }, ...buttons);
  const settle = roving(tablist, "[role=tab]");
  const frames = tabs.map((tab) =>
    h(
      "div",
      { class: "panel", role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, tabindex: 0 },
      panels[tab].element,
    ),
  );
  const element = h("aside", { class: "inspector", "aria-label": words.tabs.name }, tablist, ...frames);
  const draw = () => {
    for (const [index, tab] of tabs.entries()) {
      const isOpen = tab === view.tab;
      const [button, frame] = [buttons[index], frames[index]];
      if (button === undefined || frame === undefined) continue;
      setAttribute(button, "aria-selected", String(isOpen));
      setAttribute(frame, "hidden", !isOpen);
    }
    settle();
    panels[view.tab].draw();
  };
  return { element, draw, tick: () => panels[view.tab].tick?.() };
}
