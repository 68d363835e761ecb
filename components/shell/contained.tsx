"use client";
import { catchError } from "next/error";
import { PageProblem } from "./page-problem";

/**
 * Keeps what stands around a page when the page throws. It is no error.tsx: the code of those comes a round trip later than all
 * else, and nothing on a page can be used before.
 */
export const Contained = catchError((_props: Record<never, never>, { error, retry }) => (
  <PageProblem error={error instanceof Error ? error : new Error(String(error))} reset={retry} />
));
