import { createLoader, parseAsString } from "nuqs/server";

/** The adaptor that is shown, its version, and what its operations are searched for. */
export const adaptorParams = { name: parseAsString, version: parseAsString };
export const operationText = parseAsString.withDefault("");

export const loadAdaptorParams = createLoader(adaptorParams);
