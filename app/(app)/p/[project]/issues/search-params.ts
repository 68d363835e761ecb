import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { issueStates } from "@/lib/words";

/** The list's filter in the URL. Without a state it shows those that are open. */
export const issueListParams = {
  state: parseAsStringLiteral([...issueStates, "any"]),
  workflow: parseAsString,
  cursor: parseAsString,
};

export const loadIssueListParams = createLoader(issueListParams);
