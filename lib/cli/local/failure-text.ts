import type { StepResult } from "@/lib/runner/contract";

/** Why a job did not succeed, a line each: what it said, where, and what to do. Empty for a success. */
export function failureLines({ reason, error }: Pick<StepResult, "reason" | "error">): string[] {
  if (reason === "success") return [];
  if (!error) return [`The job ended with ${reason}.`];
  const { position, operation, hint } = error;
  const place = position
    ? ` (${position.line}:${position.column})`
    : operation
      ? ` (line ${operation.line})`
      : "";
  return [
    `${error.type}: ${error.message}${place}`,
    ...(position?.source.trim() ? [`  ${position.line} │ ${position.source}`] : []),
    ...(hint ? [hint] : []),
  ];
}
