import type { BulkReason } from "@/lib/words";

/** Why something could not be done with an item, and what to do about it. */
export const bulkReasonInfo: Record<BulkReason, string> = {
  gone: "It is not there any more.",
  wiped: "What it would start from was wiped. Start from an earlier job, whose input may be kept.",
  lost: "Its body is not in the storage for payloads any more. Have it restored there, and do it again.",
  deleted_workflow:
    "Its workflow was deleted, so it cannot be run again. Process the message as new instead.",
  no_job: "The job is not in that version of its workflow. Choose the version that ran then.",
  no_step: "The chosen job has never run for it. Rerun it from the start instead.",
  no_trigger: "The trigger that it would start at is gone or disabled. Rerun it from a job instead.",
  unmatched: "No workflow asks for it. Process it by hand with a workflow of your choice.",
  unfinished:
    "A run of it waits or runs already: what that comes to counts. Cancel that one to start another.",
  elsewhere:
    "It has failed in another way since then, which is another issue's. Rerun it from there, or from the receipt.",
  test: "It came to the test URL of a draft, so nothing live asks for it. Process it by hand from its receipt.",
  plan: "The project's plan has no run left this month. Do it again when there are more: see Usage.",
};
