/** The page's few icons, drawn on a grid of 16 by 16. They say nothing that words beside them do not say. */

const paths = {
  person: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8Zm-5 5.5c.5-2.6 2.5-4 5-4s4.5 1.4 5 4",
  people:
    "M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5ZM1.75 13c.4-2.3 2.1-3.5 4.25-3.5s3.85 1.2 4.25 3.5M10.5 3.2a2.1 2.1 0 0 1 0 4.1M11.75 9.7c1.4.4 2.3 1.5 2.6 3.3",
  panel: "M6.5 2.5 5 13.5M11 2.5 9.5 13.5M2.75 5.75h10.75M2.5 10.25h10.75",
  thread: "M3 2.75v5.5c0 1.5 1 2.5 2.5 2.5h7M10 8l2.75 2.75L10 13.5",
  send: "M2.5 8h10M8.5 3.5 13 8l-4.5 4.5",
  attach: "m13 7.5-5.3 5.3a3.3 3.3 0 0 1-4.7-4.7l5.7-5.7a2.2 2.2 0 0 1 3.1 3.1L6.2 11.1a1.1 1.1 0 0 1-1.5-1.5l4.9-5",
  at: "M10.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Zm0 0v1c0 1.2.7 1.9 1.6 1.9S13.75 10 13.75 8A5.75 5.75 0 1 0 11.5 12.5",
  quote: "M6 4 2.75 7.25 6 10.5M3 7.25h6.5c2.3 0 3.75 1.5 3.75 4.25",
  recall: "M3 3.5v3.75h3.75M3.3 7.1A5.2 5.2 0 1 1 3 9.75",
  file: "M9 2H4.5C3.7 2 3 2.7 3 3.5v9c0 .8.7 1.5 1.5 1.5h7c.8 0 1.5-.7 1.5-1.5V6L9 2Zm0 0v4h4",
  rules: "M3.5 2.5h9v11h-9zM5.75 5.5h4.5M5.75 8h4.5M5.75 10.5h2.5",
  sun: "M8 10.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1",
  moon: "M13.25 9.5A5.5 5.5 0 1 1 6.5 2.75a4.5 4.5 0 0 0 6.75 6.75Z",
  contrast: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5.5h3.9M8 8h6M8 10.5h3.9",
  close: "m4 4 8 8M12 4l-8 8",
  back: "M10 3 5 8l5 5",
  check: "m3 8.5 3.25 3.25L13 4.75",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.75V8l2.25 1.5",
  chat: "M2.5 3.5h11v7.5h-6l-3 2.5v-2.5h-2z",
  path: "M4 4.75a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 0V11M4 14.25A1.5 1.5 0 1 0 4 11.25a1.5 1.5 0 0 0 0 3ZM7.5 3.25h6M7.5 8h4M7.5 12.75h6",
  bolt: "M9 1.75 3.5 9H8l-1 5.25L12.5 7H8z",
  help: "M5.75 6a2.25 2.25 0 1 1 3.2 2c-.6.3-.95.75-.95 1.5M8 12v.1M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z",
} as const;

export type Icon = keyof typeof paths;

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
