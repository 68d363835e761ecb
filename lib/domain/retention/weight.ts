import type { Sql } from "@/db/client";
import { isOfMessageSql } from "@/lib/domain/run/of-message";
import { isThereSql } from "@/lib/state/repeated";

/**
 * What a transaction takes away is bounded by how much it is, not only by how many: a log has up to 50,000 lines, and what
 * lies out of line is a row for each two kilobytes. The weight of a thing is about the rows that go with it.
 */

/** What one transaction takes away at most, unless a single thing is more. */
export const maxWeight = 5_000;

const chunkBytes = 2_000;
const chunks = (bytes: string): string => `(1 + ${bytes} / ${chunkBytes})`;

/** SQL for weights, over aliases: of a message that is wiped, with the states that get back what they have of it, */
export const bodyWeight = (message: string): string =>
  `/* checked: of the message */ case when ${message}.wiped_at is null then ${chunks(`${message}.size`)} + coalesce((
     select sum(${chunks("d.size")}) from stored_states d where d.of_message = ${message}.id and d.project_id = ${message}.project_id), 0) else 1 end`;

/** of one that is deleted with its job states, */
export const messageWeight = (message: string): string =>
  `/* checked: of the message */ ${bodyWeight(message)} + (select count(*) from job_states j where j.message_id = ${message}.id and j.project_id = ${message}.project_id)`;

/** of a stored state without a name, */
export const stateWeight = (state: string): string =>
  `case when ${isThereSql(state)} and ${state}.name is null then ${chunks(`${state}.size`)} else 0 end`;

/** and of the log of a step. */
export const logWeight = (step: string): string =>
  `case when ${step}.wiped_at is null then 1 + ${step}.log_lines else 0 end`;

const stepsOf = (run: string, weight: string): string =>
  `/* checked: of the run */ coalesce((select sum(${weight}) from steps s
     left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
     where s.run_id = ${run}.id and s.project_id = ${run}.project_id), 0)`;

/** Of what all steps of a run returned, of their logs, and of a work order with its runs and its message. */
export const outputsWeight = (run: string): string => stepsOf(run, stateWeight("d"));
export const logsWeight = (run: string): string => stepsOf(run, logWeight("s"));
export const orderWeight = (order: string): string => `/* checked: of the work order */ 1
  + coalesce((select sum(1 + ${stepsOf("r", `2 + ${logWeight("s")} + coalesce(${stateWeight("d")}, 0)`)}) from runs r
      where r.work_order_id = ${order}.id and r.project_id = ${order}.project_id), 0)
  + coalesce((select ${messageWeight("m")} from messages m where m.id = ${order}.message_id and m.project_id = ${order}.project_id), 0)`;

/** Of a message that is wiped with all that was made of it. */
export const madeWeight = (message: string): string => `/* checked: of the message */ ${bodyWeight(message)}
  + coalesce((select sum(${stepsOf("r", `${logWeight("s")} + coalesce(${stateWeight("d")}, 0)`)}) from runs r
      where ${isOfMessageSql("r", `${message}.project_id`, `${message}.id`)}), 0)`;

/** And of a step alone. */
export const stepWeight = (step: string): string =>
  `/* checked: of the step */ ${logWeight(step)} + coalesce((select ${stateWeight("d")} from dataclips d
     where d.id = ${step}.output_dataclip_id and d.project_id = ${step}.project_id), 0)`;

/** The first of some things, as many as weigh so much together; of what weighs anything, one in any case. */
export function within<T extends { weight: number }>(things: readonly T[], most: number): T[] {
  let before = 0;
  return things.filter(({ weight }) => {
    const fits = before === 0 || before + weight <= most;
    before += weight;
    return fits;
  });
}

/** Rows of a table, and SQL for what the row `t` weighs. */
export type Weighed = { table: string; weight: string };

/** What rows of a project weigh, by id. */
export async function weightsOf(
  sql: Sql,
  { table, weight }: Weighed,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const found = await sql.query<{ id: string; weight: number }>(
    `select t.id, (${weight})::float8 as weight from ${table} t where t.project_id = $1 and t.id = any($2::uuid[])`,
    [projectId, ids],
  );
  return new Map(found.map((one) => [one.id, one.weight]));
}
