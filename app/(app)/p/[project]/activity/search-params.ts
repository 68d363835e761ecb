import { createLoader, type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { runFilterStates } from "@/lib/words";

/** The activity history's filter in the URL. */
export const activityParams = {
  state: parseAsStringLiteral(runFilterStates),
  workflow: parseAsString,
  bulk: parseAsString,
  text: parseAsString,
  from: parseAsString,
  to: parseAsString,
};
export type ActivityParams = inferParserType<typeof activityParams>;

export const loadActivityParams = createLoader(activityParams);
