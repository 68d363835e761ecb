import { createLoader, parseAsString } from "nuqs/server";

/** The entry that is shown, and what the list is searched for. */
export const libraryParams = { entry: parseAsString, text: parseAsString };

export const loadLibraryParams = createLoader(libraryParams);
