import { parseAsString } from "nuqs/server";

/** Whether the form for a new workflow is open: `1`, or the template that is chosen there. */
export const newWorkflowParam = parseAsString;
