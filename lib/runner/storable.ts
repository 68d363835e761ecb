/** Text that every store and page takes: no NUL, no half surrogate. */
export const storable = (text: string): string => text.replaceAll("\u0000", "\ufffd").toWellFormed();

const maxShownChars = 253;

/** A host as a worker wrote it, fit to be shown: printable ASCII of bounded length. */
export const shownHost = (host: string): string => host.slice(0, maxShownChars).replace(/[^\x21-\x7e]/g, "?");
