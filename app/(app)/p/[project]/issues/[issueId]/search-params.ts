import { createLoader, parseAsBoolean, parseAsString } from "nuqs/server";

/** `all`: also what has succeeded since. `rerun`: the question about the rerun is open. */
export const issueParams = { all: parseAsBoolean, cursor: parseAsString, rerun: parseAsBoolean };

export const loadIssueParams = createLoader(issueParams);
