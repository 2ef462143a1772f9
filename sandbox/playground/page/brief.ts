/** What an entry of the wire is about, in one line. Pure. */

import type { Json, JsonObject } from "../../json.ts";

/** Longer ones end in an ellipsis by style. */
const LENGTH = 160;
/** What every entry has, or what is only of use beside the rest. */
const LEFT_OUT = new Set(["credential", "query", "status", "flags", "frame", "kind"]);

/** The status of a call with what was asked, or else answered; the payload of a packet; else all there is. */
export function brief(data: JsonObject): string {
  const { status, payload, request, response, ...rest } = data;
  const said = [payload, request, response].find((value) => value !== undefined && !isEmpty(value));
  const other = Object.entries(rest).filter(([key]) => !LEFT_OUT.has(key));
  const text = said === undefined ? textOf(Object.fromEntries(other)) : textOf(said);
  return [typeof status === "number" ? String(status) : "", text.slice(0, LENGTH)]
    .filter((part) => part !== "")
    .join(" ");
}

function textOf(value: Json): string {
  if (typeof value === "string") return value;
  return isEmpty(value) ? "" : JSON.stringify(value);
}

function isEmpty(value: Json): boolean {
  return value === null || value === "" || (value instanceof Object && Object.keys(value).length === 0);
}
