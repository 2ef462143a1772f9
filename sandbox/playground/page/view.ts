/** What the person in front of the page has chosen, as opposed to what the server knows; kept over a reload where useful. */

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const tabs = ["trace", "history", "wire", "settings"] as const;
export type Tab = (typeof tabs)[number];

/** What a narrow screen shows. */
export const panes = ["rooms", "chat", "inspect", "trouble"] as const;
export type Pane = (typeof panes)[number];

export interface View {
  language: Language;
  theme: Theme;
  /** Whether single keys are shortcuts: somebody who dictates switches them off. */
  hasShortcuts: boolean;
  person: string;
  room: string;
  tab: Tab;
  pane: Pane;
  /** The message whose trace is shown; the room's latest if none is chosen. */
  message: string | undefined;
  /** The bot whose share is shown; the first that has one if none is chosen. */
  bot: string | undefined;
  /** The message that the next one quotes. */
  quote: string | undefined;
  /** How many messages of each room have been seen. */
  readonly seen: Map<string, number>;
}

const KEPT = "playground";

export function openView(): View {
  const kept = readKept();
  return {
    language: oneOf(languages, kept["language"]) ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
    theme: oneOf(themes, kept["theme"]) ?? "auto",
    hasShortcuts: kept["hasShortcuts"] !== false,
    person: typeof kept["person"] === "string" ? kept["person"] : "",
    room: typeof kept["room"] === "string" ? kept["room"] : "",
    tab: "trace",
    pane: "chat",
    message: undefined,
    bot: undefined,
    quote: undefined,
    seen: new Map(),
  };
}

export function keep({ language, theme, hasShortcuts, person, room }: View): void {
  localStorage.setItem(KEPT, JSON.stringify({ language, theme, hasShortcuts, person, room }));
}

function readKept(): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return kept instanceof Object ? Object.fromEntries(Object.entries(kept)) : {};
  } catch {
    // What somebody else has written there is nothing to go by.
    return {};
  }
}

function oneOf<T extends string>(all: readonly T[], value: unknown): T | undefined {
  return all.find((one) => one === value);
}
