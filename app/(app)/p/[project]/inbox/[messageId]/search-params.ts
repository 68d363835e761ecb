import { parseAsString, parseAsStringLiteral } from "nuqs/server";
import { inboxParams } from "@/app/(app)/p/[project]/inbox/search-params";

/** The list's filter, and which step is open on which tab. */
export const receiptParams = {
  ...inboxParams,
  step: parseAsString,
  tab: parseAsStringLiteral(["error", "attempts", "logs", "input", "output", "details"]),
};
