/** Keys of older plugins that an operator wrote down and that do nothing, for the status and the doctor. */
import { RETIRED } from "../../core/retired.ts";
import { keyOf, type Facts, type Finding } from "./finding.ts";

/** Those that have a value, the section's included. */
export function keysWithoutEffect(facts: Facts): Finding[] {
  const set = Object.entries(RETIRED[facts.channel]).filter(([name]) => facts.account.config[name] !== undefined);
  return set.map(([name, why]) => {
    const key = keyOf(facts, name);
    const fix = `Remove it: openclaw config unset ${key}`;
    return { rule: "retired-key", key, message: `has no effect. ${why}`, fix, serious: false };
  });
}
