/** The page's whole toolkit: making elements, keeping a list in step with its data, and drawing once per frame. */

export type Child = Node | string | undefined | false;

type Handlers = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };

/** Properties by which an element is made: a class, handlers, and attributes. */
export type Props = Handlers & { class?: string } & {
  [attribute: string]: Attribute | ((event: never) => void);
};

/** `undefined`, `null` and `false` leave it out, `true` makes it an empty one. */
type Attribute = string | number | boolean | undefined | null;

/** An element. Strings become text nodes, so nothing that a person writes is ever read as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on") && typeof value === "function") {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the handler's name says which event it takes
      element.addEventListener(name.slice(2), value as (event: Event) => void);
    } else if (typeof value !== "function") setAttribute(element, name, value);
  }
  fill(element, ...children);
  return element;
}

/** Sets or takes away an attribute, and touches nothing that is so already. */
export function setAttribute(element: Element, name: string, value: Attribute): void {
  if (value === undefined || value === false || value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Replaces what is in an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== undefined && child !== false));
}

/** Changes a text only where it differs, so that a selection and a screen reader are left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A row of a list: its element, and how it takes a newer value. */
export interface Row<T> {
  readonly element: HTMLElement;
  update(item: T): void;
}

/**
 * A list whose elements follow its items by key: what stays keeps its element, and with it focus and selection.
 * Items are drawn again only when `update` finds a difference.
 */
export function list<T>(parent: HTMLElement, keyOf: (item: T) => string, make: (item: T) => Row<T>) {
  let rows = new Map<string, Row<T>>();
  return (items: readonly T[]): void => {
    const next = new Map<string, Row<T>>();
    for (const item of items) {
      const key = keyOf(item);
      const row = rows.get(key) ?? make(item);
      row.update(item);
      next.set(key, row);
    }
    for (const [key, row] of rows) if (!next.has(key)) row.element.remove();
    let at = parent.firstElementChild;
    for (const { element } of next.values()) {
      if (element === at) at = at.nextElementSibling;
      else parent.insertBefore(element, at);
    }
    rows = next;
  };
}

/** Calls `draw` in the next frame, however often it is asked for until then; hidden pages are not drawn. */
export function onFrame(draw: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
}

/**
 * Arrow keys, Home and End move the focus among the elements that `selector` finds, which are one tab stop together: the one
 * that had the focus last, or `first`. Call what it returns after the elements have changed.
 */
export function roving(parent: HTMLElement, selector: string, first: "first" | "last" = "first") {
  let current: Element | undefined;
  const all = () => [...parent.querySelectorAll<HTMLElement>(selector)];
  const settle = (): void => {
    const elements = all();
    const kept = elements.find((element) => element === current) ?? chosen(elements);
    current = kept ?? (first === "first" ? elements[0] : elements.at(-1));
    for (const element of elements) setAttribute(element, "tabindex", element === current ? 0 : -1);
  };
  parent.addEventListener("focusin", (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target === null || target === current) return;
    current = target;
    settle();
  });
  parent.addEventListener("keydown", (event) => {
    const next = neighbor(all(), event);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
  return settle;
}

/** Where nobody has been yet, the tab stop is what is chosen. */
function chosen(elements: readonly HTMLElement[]): HTMLElement | undefined {
  return elements.find((element) => element.matches("[aria-current=true], [aria-selected=true], [aria-checked=true]"));
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function neighbor(all: readonly HTMLElement[], { key, target, altKey }: KeyboardEvent): HTMLElement | undefined {
  const now = all.findIndex((element) => element === target);
  if (now < 0 || altKey) return undefined;
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  const step = STEPS[key];
  return step === undefined ? undefined : all[Math.min(Math.max(now + step, 0), all.length - 1)];
}
