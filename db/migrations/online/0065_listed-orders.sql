-- What there was before the trigger, some at a time.
DO $$
DECLARE
  after uuid := '00000000-0000-0000-0000-000000000000';
  last uuid;
BEGIN
  LOOP
    SELECT id INTO last FROM (SELECT id FROM work_orders WHERE id > after ORDER BY id LIMIT 2000) batch ORDER BY id DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    UPDATE work_orders SET listed_state = listed_state_of(state, has_issue, message_id IS NULL AND trigger_id IS NOT NULL)
    WHERE id > after AND id <= last
      AND listed_state IS DISTINCT FROM listed_state_of(state, has_issue, message_id IS NULL AND trigger_id IS NOT NULL);
    COMMIT;
    after := last;
  END LOOP;
END $$;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_busy" ON "work_orders" USING btree ("trigger_id") WHERE listed_state in ('pending', 'running');--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_failed" ON "work_orders" USING btree ("project_id","message_id") WHERE listed_state in ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected');--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_refused" ON "work_orders" USING btree ("project_id","id") WHERE listed_state = 'rejected';--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_workflow_refused" ON "work_orders" USING btree ("workflow_id","id") WHERE listed_state = 'rejected';--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_message_refused" ON "work_orders" USING btree ("project_id","message_id") WHERE listed_state = 'rejected';--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "work_orders_mended" ON "work_orders" USING btree ("project_id","id") WHERE listed_state = 'success';--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_clock";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_unsuccessful";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_rejected";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_workflow_rejected";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_message_rejected";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "work_orders_healed";
