import { conflict } from "@/lib/refusal";
import type { MessageSource } from "@/lib/words";

/** What came to the test URL of a draft begins nothing live: no rerun, no copy, no run by hand. Throws `conflict`. */
export function refuseOfTest({ source }: { source: MessageSource }): void {
  if (source === "test")
    throw conflict(
      "This message came to the test URL of a draft, so nothing live begins with it. Test drafts on it, or send it to the inbox to have it processed.",
    );
}
