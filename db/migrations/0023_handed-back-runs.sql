ALTER TABLE "runs" ADD COLUMN "handed_back_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "runs_executed" ON "runs" USING btree ("executor_id") WHERE state = 'running';--> statement-breakpoint
-- The state of a work order whose row is locked, once the runs in `ended` have ended, of which the last is `last_state`:
-- never final while another run of it is unfinished. VOLATILE, so that it sees what was committed until now, and not only
-- until the statement began.
CREATE FUNCTION work_order_state(work_order uuid, ended uuid[], last_state text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN coalesce((
    SELECT state FROM runs WHERE work_order_id = work_order AND id <> ALL (ended) AND state IN ('pending', 'running')
    ORDER BY state DESC LIMIT 1
  ), last_state);
END $$;
