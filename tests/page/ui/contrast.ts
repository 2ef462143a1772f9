/* oxlint-disable unicorn/consistent-function-scoping -- it goes into the page as one function */
/** Runs in the page: texts with less contrast than WCAG 2 asks for at level AA, each with its ratio. */
export function faint(): string[] {
  /** Small text; larger ones would need less. */
  const LEAST = 4.5;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (canvas === null) throw new Error("no canvas");
  /** Any CSS color over another, as red, green and blue. */
  const painted = (...colors: string[]): number[] => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return Array.from(canvas.getImageData(0, 0, 1, 1).data).slice(0, 3);
  };
  const luminance = (rgb: number[]): number => {
    const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element): string[] => {
    const colors: string[] = ["white"];
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      colors.splice(1, 0, getComputedStyle(at).backgroundColor);
    }
    return colors;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  while (walker.nextNode()) {
    const { parentElement: element, textContent: text } = walker.currentNode;
    if (element === null || text?.trim() === "" || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest(".visually-hidden, noscript, option") !== null) continue;
    const ground = behind(element);
    const [ink, paper] = [
      luminance(painted(...ground, getComputedStyle(element).color)),
      luminance(painted(...ground)),
    ];
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < LEAST) found.push(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${text?.slice(0, 30)}`);
  }
  return found;
}
