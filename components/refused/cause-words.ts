import type { RefusalCause } from "@/lib/words";

/** The causes in two or three words, for lists. */
export const causeLabels: Record<RefusalCause, string> = {
  no_credentials: "No credentials",
  wrong_credentials: "Wrong credentials",
  wrong_signature: "Wrong signature",
  disabled: "Switched off",
  too_large: "Too large",
  unreadable: "Not readable",
  too_many: "Too many a minute",
  plan: "Plan exhausted",
  repeat: "Repeat",
};
