/** A name as people type it: hyphens for spaces, small letters. */
export const plain = (name: string): string => name.trim().toLowerCase().replace(/\s+/g, "-");
