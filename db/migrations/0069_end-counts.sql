CREATE TABLE "end_counts" (
	"project_id" uuid NOT NULL,
	"workflow_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"outcome" text NOT NULL,
	"slot" integer NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "end_counts_project_id_workflow_id_job_id_hour_outcome_slot_pk" PRIMARY KEY("project_id","workflow_id","job_id","hour","outcome","slot"),
	CONSTRAINT "end_counts_outcome_word" CHECK ("outcome" in ('success', 'failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected', 'fail', 'crash', 'kill', 'cancel'))
);--> statement-breakpoint
ALTER TABLE "usage_counted" ADD COLUMN "ends_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "end_counts_apart" ON "end_counts" USING btree ("hour") WHERE slot > 0;--> statement-breakpoint
CREATE INDEX "end_counts_hours" ON "end_counts" USING btree ("hour") WHERE slot = 0;--> statement-breakpoint
-- Once for each statement that changes runs. An end that is taken back, or becomes another, is counted back.
CREATE FUNCTION count_ended_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO end_counts AS c (project_id, workflow_id, job_id, hour, outcome, slot, count)
  SELECT project_id, workflow_id, '00000000-0000-0000-0000-000000000000'::uuid, date_trunc('hour', coalesce(finished_at, now()), 'UTC'), state, pg_backend_pid(), sum(n)
  FROM (
    SELECT *, 1 AS n FROM changed WHERE state NOT IN ('pending', 'running')
    UNION ALL
    SELECT *, -1 AS n FROM former WHERE state NOT IN ('pending', 'running')
  ) ends
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
  ON CONFLICT (project_id, workflow_id, job_id, hour, outcome, slot) DO UPDATE SET count = c.count + excluded.count;
  RETURN NULL;
END $$;--> statement-breakpoint
-- Once for each statement that changes steps. The same.
CREATE FUNCTION count_ended_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO end_counts AS c (project_id, workflow_id, job_id, hour, outcome, slot, count)
  SELECT project_id, workflow_id, job_id, date_trunc('hour', coalesce(finished_at, now()), 'UTC'), exit_reason, pg_backend_pid(), sum(n)
  FROM (
    SELECT *, 1 AS n FROM changed WHERE exit_reason IS NOT NULL
    UNION ALL
    SELECT *, -1 AS n FROM former WHERE exit_reason IS NOT NULL
  ) ends
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
  ON CONFLICT (project_id, workflow_id, job_id, hour, outcome, slot) DO UPDATE SET count = c.count + excluded.count;
  RETURN NULL;
END $$;--> statement-breakpoint
-- Room on each page for the next version of a row, which no index has to know of then.
ALTER TABLE "end_counts" SET (fillfactor = 50);
