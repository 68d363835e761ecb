/**
 * A project's logs go as a whole (whole.ts): what is said here is that they have, of each step, and not in its row. SQL over
 * the alias of a step.
 */

const marks = (step: string): string =>
  `from logs_gone g where g.project_id = ${step}.project_id and g.before > greatest(${step}.id, ${step}.run_id) and ${step}.finished_at is not null`;

/** Its log has gone so. */
export const isLogGone = (step: string): string => `exists (select 1 ${marks(step)})`;

/** Since when its log is gone, so or otherwise; null of others. */
export const logGoneAt = (step: string): string =>
  `coalesce(${step}.wiped_at, (select g.at ${marks(step)} order by g.before limit 1))`;
