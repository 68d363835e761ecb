import { createLoader, type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs/server";
import type { MessageState } from "@/lib/words";

export const inboxStates = [
  "failure",
  "in_progress",
  "waiting",
  "success",
  "unmatched",
] as const satisfies readonly MessageState[];

/** The inbox's filter in the URL; the receipt inspector carries it, so that next and previous keep to it. */
export const inboxParams = {
  state: parseAsStringLiteral(inboxStates),
  job: parseAsString,
  text: parseAsString,
  from: parseAsString,
  to: parseAsString,
};
export type InboxParams = inferParserType<typeof inboxParams>;

export const loadInboxParams = createLoader(inboxParams);
