import { createLoader, type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { runStates } from "@/lib/words";

/** The activity history's filter in the URL. */
export const activityParams = {
  state: parseAsStringLiteral(runStates),
  workflow: parseAsString,
  from: parseAsString,
  to: parseAsString,
};
export type ActivityParams = inferParserType<typeof activityParams>;

export const loadActivityParams = createLoader(activityParams);
