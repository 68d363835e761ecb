import { eventType } from "inngest";
import { eventData } from "@/lib/queue/events";

/** The product's events as Inngest's functions know them; what they carry is what lib/queue writes to the outbox. */

export const runRequested = eventType("run/requested", { schema: eventData["run/requested"] });

export const runsResumed = eventType("runs/resumed", { schema: eventData["runs/resumed"] });

export const deletionRequested = eventType("deletion/requested", {
  schema: eventData["deletion/requested"],
});

export const runCancelled = eventType("run/cancelled", { schema: eventData["run/cancelled"] });

export const bulkRequested = eventType("bulk/requested", { schema: eventData["bulk/requested"] });

export const noticesRequested = eventType("notices/requested", { schema: eventData["notices/requested"] });

export const issuesRequested = eventType("issues/requested", { schema: eventData["issues/requested"] });
export const personRequested = eventType("person/requested", { schema: eventData["person/requested"] });
export const testRequested = eventType("test/requested", { schema: eventData["test/requested"] });
