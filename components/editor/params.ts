import { parseAsInteger, parseAsString } from "nuqs/server";

/** What the editor opens with: a trigger, job or edge, an input of the run panel, and a line of the job's code. */
export const editParams = {
  node: parseAsString,
  step: parseAsString,
  message: parseAsString,
  dataclip: parseAsString,
  line: parseAsInteger,
  problem: parseAsInteger,
};
