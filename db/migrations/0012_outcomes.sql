-- breaking: job states have a word that older releases do not know
ALTER TABLE "job_states" DROP CONSTRAINT "job_states_result_word";--> statement-breakpoint
ALTER TABLE "job_states" ADD COLUMN "handled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "step_failed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "follows" integer;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "handled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "step_failed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "job_states" ADD CONSTRAINT "job_states_result_word" CHECK ("result" in ('in_progress', 'success', 'failure', 'handled'));--> statement-breakpoint
-- What was there before: each table is looked at once, and only rows with a failure are written. A job is executed once
-- for each way that leads to it, in their order: the failed step was followed when there are as many executions of a job
-- as the run began with, and steps until then that led to it.
UPDATE "steps" s SET "handled" = true
FROM "runs" r JOIN "snapshots" p ON p."id" = r."snapshot_id"
WHERE s."exit_reason" = 'fail' AND s."taken_edges" <> '[]' AND r."id" = s."run_id" AND EXISTS (
  SELECT 1 FROM jsonb_array_elements(p."graph"->'edges') e
  WHERE s."taken_edges" ? (e->>'id')
    AND (SELECT count(*) FROM "steps" n WHERE n."run_id" = s."run_id" AND n."job_id" = (e->>'targetJobId')::uuid) >=
      (SELECT count(*) FROM jsonb_array_elements(p."graph"->'edges') b
        WHERE r."starting_job_id" IS NULL AND b->>'sourceTriggerId' = r."starting_trigger_id"::text
          AND b->>'targetJobId' = e->>'targetJobId' AND (b->>'enabled')::boolean)
      + (SELECT count(*) FROM "steps" q WHERE q."run_id" = s."run_id" AND q."ordinal" <= s."ordinal" AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(p."graph"->'edges') d
        WHERE q."taken_edges" ? (d->>'id') AND d->>'targetJobId' = e->>'targetJobId'))
      + CASE WHEN r."starting_job_id"::text = e->>'targetJobId' THEN 1 ELSE 0 END);--> statement-breakpoint
UPDATE "runs" r SET "step_failed" = true
FROM (SELECT DISTINCT "run_id" FROM "steps" WHERE "exit_reason" <> 'success') f WHERE r."id" = f."run_id";--> statement-breakpoint
UPDATE "work_orders" w SET "step_failed" = true
FROM (
  SELECT DISTINCT ON ("work_order_id") "work_order_id", "step_failed" FROM "runs"
  WHERE "finished_at" IS NOT NULL AND "work_order_id" IN (SELECT "work_order_id" FROM "runs" WHERE "step_failed")
  ORDER BY "work_order_id", "finished_at" DESC, "id" DESC
) last WHERE w."id" = last."work_order_id" AND last."step_failed";--> statement-breakpoint
UPDATE "job_states" j SET "handled" = true, "result" = 'handled' FROM "steps" s WHERE s."id" = j."step_id" AND s."handled";--> statement-breakpoint
UPDATE "job_states" SET "result" = 'in_progress' WHERE "running_steps" > 0 AND "result" <> 'in_progress';--> statement-breakpoint
CREATE INDEX "runs_step_failed" ON "runs" USING btree ("project_id","id") WHERE step_failed;--> statement-breakpoint
CREATE INDEX "runs_handled" ON "runs" USING btree ("project_id","id") WHERE step_failed and state = 'success';--> statement-breakpoint
CREATE INDEX "runs_unsuccessful" ON "runs" USING btree ("project_id","id") WHERE state in ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected');--> statement-breakpoint
CREATE INDEX "runs_workflow_step_failed" ON "runs" USING btree ("workflow_id","id") WHERE step_failed;--> statement-breakpoint
CREATE INDEX "runs_workflow_handled" ON "runs" USING btree ("workflow_id","id") WHERE step_failed and state = 'success';--> statement-breakpoint
CREATE INDEX "runs_workflow_unsuccessful" ON "runs" USING btree ("workflow_id","id") WHERE state in ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected');--> statement-breakpoint
CREATE INDEX "work_orders_unsuccessful" ON "work_orders" USING btree ("project_id","message_id") WHERE state in ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected');
