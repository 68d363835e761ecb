import { customPathProblem } from "@/lib/workflow/custom-path";

/** How a webhook trigger answers, as the inbox statement says it; null there for at once and in JSON. */
export type Manner = {
  /** When the run has ended (OpenFn: after_completion). */
  waits: boolean;
  /** Status codes of such an answer. */
  codes: { success_code?: number | null; error_code?: number | null } | null;
  openRosa: boolean;
  /** The project's own limit, bytes. */
  maxBodyBytes: number | null;
};

/** The name that a trigger may have in its project's addresses: `/i/<project id>/<name>`. Null where it is none. */
export const customPathOf = ([name]: string[]): string | null =>
  name !== undefined && customPathProblem(name) === null ? name : null;
