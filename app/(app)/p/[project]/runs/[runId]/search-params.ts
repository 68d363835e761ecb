import { parseAsString, parseAsStringLiteral } from "nuqs/server";

/** Which step is open on which tab. */
export const runParams = {
  step: parseAsString,
  tab: parseAsStringLiteral(["error", "attempts", "logs", "input", "output", "details"]),
};
