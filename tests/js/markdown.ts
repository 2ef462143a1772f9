/** As much of Markdown as its links and headings take: what stands in code or in a comment is neither. */

export interface Page {
  /** Where its links and pictures lead, as written. */
  readonly links: readonly string[];
  /** What `#…` may follow its path, as GitHub makes them of the headings. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^ {0,3}(?:[-*>] +)*(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6} +(.*?)(?: +#+)?$/;
/** `[text](target)`, `![text](target "title")`, `[name]: target`, and what HTML calls `src`, `srcset` and `href`. */
const TARGETS = [
  /\]\(\s*<?([^\s)>]*)>?[^)]*\)/g,
  /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm,
  /\s(?:src|href|srcset)="([^"]*)"/g,
];

export function parse(markdown: string): Page {
  const prose = withoutFences(markdown.replace(/<!--[^]*?-->/g, ""));
  const headings = prose.split("\n").flatMap((line) => HEADING.exec(line)?.[1] ?? []);
  const text = prose.replace(/(`+)(?!`)(?:(?!\n\n)[^])*?[^`]\1(?!`)/g, "");
  const links = TARGETS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, target = ""]) => target));
  return { links, anchors: anchorsOf(headings) };
}

/** Of the lines of a fence nothing is left, not even its ends. */
function withoutFences(markdown: string): string {
  let fence: string | undefined;
  const kept = markdown.split("\n").filter((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined) {
      fence = mark;
      return mark === undefined;
    }
    if (mark?.startsWith(fence) && line.trim().endsWith(mark)) fence = undefined;
    return false;
  });
  return kept.join("\n");
}

/** The second heading of one name has `-1` behind it, the third `-2`. */
function anchorsOf(headings: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const anchor = anchorOf(heading);
    let free = anchor;
    for (let count = 1; anchors.has(free); count++) free = `${anchor}-${count}`;
    anchors.add(free);
  }
  return anchors;
}

function anchorOf(heading: string): string {
  const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return shown
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}
