import { createLoader, type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { messageFilterStates } from "@/lib/words";

/** The inbox's filter in the URL; the receipt inspector carries it, so that next and previous keep to it. */
export const inboxParams = {
  state: parseAsStringLiteral(messageFilterStates),
  job: parseAsString,
  text: parseAsString,
  from: parseAsString,
  to: parseAsString,
};
export type InboxParams = inferParserType<typeof inboxParams>;

export const loadInboxParams = createLoader(inboxParams);
