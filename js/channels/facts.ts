/** What a probe found, in words: for the status, the capabilities and the doctor. */
import type { ProbeReport } from "./probe.ts";

/** Only what is known, in the order in which somebody asks. */
export function factsOf({
  bot,
  owner,
  server,
  roundTripMs,
  places,
  clockSkewMs,
  lacks = [],
  core,
}: Partial<ProbeReport>) {
  return [
    ...(bot === undefined ? [] : [`bot ${bot.username}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(server === undefined ? [] : [`server ${server}`]),
    ...(roundTripMs === undefined ? [] : [`round trip ${roundTripMs} ms`]),
    ...(places === undefined ? [] : [places]),
    ...(clockSkewMs === undefined ? [] : [clock(clockSkewMs)]),
    ...(lacks.length === 0 ? [] : [`the server lacks ${lacks.join(", ")}`]),
    ...(core === undefined ? [] : [`core ${core}`]),
  ];
}

/** To the second, as the server tells it. */
function clock(skewMs: number): string {
  const seconds = skewMs / 1_000;
  if (Math.abs(seconds) <= 1) return "clocks agree";
  return `server's clock ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}`;
}
