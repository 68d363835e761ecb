import type { RefusalCause } from "@/lib/words";

/** What can be done about each cause, so that the next request is taken. */
export const causeRemedies: Record<RefusalCause, string> = {
  no_credentials: "Give its sender one of the methods under Settings, Authentication of senders.",
  wrong_credentials:
    "Compare what its sender uses with the methods under Settings, Authentication of senders.",
  wrong_signature:
    "Compare secret, header and URL at the sender with the method under Settings, Authentication of senders.",
  disabled: "Switch the URL on again: the inbox under Settings, a webhook's trigger in its workflow.",
  too_large: "Let its sender send less at once, or raise the largest message under Settings, Limits.",
  unredactable:
    "Let its sender send JSON, XML or a form, as its Content-Type says, or take the paths out of Settings, Protection.",
  unreadable: "Let its sender use gzip, deflate or br as Content-Encoding, or none.",
  too_many:
    "Its sender was told when to come again. The rates stand under Settings, Limits, and at the trigger.",
  plan: "Wait for the month or minute to pass, or ask whoever runs this server for more: see Usage.",
  backlog:
    "Its sender was told when to come again. Runs that wait are under Activity; what jobs do less often, or faster, leaves room.",
  repeat: "Nothing: its sender got the first answer.",
};

/** The causes in two or three words, for lists. */
export const causeLabels: Record<RefusalCause, string> = {
  no_credentials: "No credentials",
  wrong_credentials: "Wrong credentials",
  wrong_signature: "Wrong signature",
  disabled: "Switched off",
  too_large: "Too large",
  unreadable: "Not readable",
  unredactable: "Not redactable",
  too_many: "Too many a minute",
  plan: "Plan exhausted",
  backlog: "Too much waits",
  repeat: "Repeat",
};
