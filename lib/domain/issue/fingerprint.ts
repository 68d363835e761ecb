import { createHash } from "node:crypto";

/** What failures are told apart by. Never the job's code or version: an edit keeps the issue. */
export type Cause = {
  workflowId: string;
  /** Null: the run ended so without a job. */
  jobId: string | null;
  errorType: string;
  /** The folded message. */
  title: string;
};

/** One text a cause, of 43 characters. */
export const fingerprintOf = ({ workflowId, jobId, errorType, title }: Cause): string =>
  createHash("sha256")
    .update(JSON.stringify([workflowId, jobId, errorType, title]))
    .digest("base64url");

/** Says of an issue that it is of no one message. */
export const otherTitle = "Other errors, each with another message";

/** What a job's failures are part of when it has as many issues as it may have (`limits.issuesOfJob`). */
export const otherCause = ({ workflowId, jobId }: Cause): Cause => ({
  workflowId,
  jobId,
  errorType: "other",
  title: otherTitle,
});
