import { createLoader, parseAsInteger } from "nuqs/server";

/** The two versions that are compared, and after which one the list begins. */
export const versionParams = { from: parseAsInteger, to: parseAsInteger, cursor: parseAsInteger };

export const loadVersionParams = createLoader(versionParams);
