import { parseAsString } from "nuqs/server";

/** Which trigger, job or edge is open beside the picture. */
export const workflowParams = { node: parseAsString };
