/** What became of each death. */

import { tableOf } from "../trial.ts";
import type { Outcome } from "./run.ts";

/** What must not be. */
export function faultsOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ name, asked, told, withheld, error }) => [
    ...(error === undefined ? [] : [`${name}: ${error}`]),
    ...asked
      .filter((question) => !told.includes(question))
      .map((question) => `${name}: ${question} was ${withheld.includes(question) ? "withheld" : "not answered"}`),
    ...told.filter((answer, index) => told.indexOf(answer) !== index).map((answer) => `${name}: ${answer} twice`),
  ]);
}

export function describe(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, asked, told, runs, seconds }): [string, string] => {
    return [name, `${new Set(told).size} of ${asked.length}, ${runs} runs, ${seconds.toFixed(0)} s`];
  });
  return tableOf("handover: questions answered, runs of the agent, time from the restart to the last answer", rows);
}
