import { withoutNul } from "@/lib/text";

/** Every character as it is, those that LIKE has a meaning for, and those that PostgreSQL cannot hold, included. */
const literally = (text: string) => withoutNul(text).replace(/[\\%_]/g, "\\$&");

/** Patterns for LIKE and ILIKE. */
export const containing = (text: string): string => `%${literally(text)}%`;
export const startingWith = (text: string): string => `${literally(text)}%`;
