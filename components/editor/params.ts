import { parseAsInteger, parseAsString } from "nuqs/server";

/** What the editor opens with: a trigger, job or edge, an input or a test of the run panel, a line of the job's code, the list of problems. */
export const editParams = {
  node: parseAsString,
  step: parseAsString,
  message: parseAsString,
  dataclip: parseAsString,
  test: parseAsString,
  line: parseAsInteger,
  problem: parseAsInteger,
};
