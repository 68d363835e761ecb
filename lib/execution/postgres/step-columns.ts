/** The columns of a step's row as `StepRow` has them; `of` is its alias with a dot. */
export const stepColumns = (of = ""): string =>
  `${of}id, ${of}run_id as "runId", ${of}ordinal, ${of}job_id as "jobId", ${of}epoch, ${of}runner_id as "runnerId", ${of}repeats,
  ${of}attempt, ${of}attempt_id as "attemptId", ${of}attempted_at as "attemptedAt",
  ${of}log_lines as "logLines", ${of}started_at as "startedAt", ${of}finished_at as "finishedAt", ${of}exit_reason as "exitReason",
  ${of}error_type as "errorType", ${of}error_message as "errorMessage", ${of}taken_edges as "takenEdges", ${of}output_dataclip_id as "outputDataclipId"`;
