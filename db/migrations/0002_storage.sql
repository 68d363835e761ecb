-- Short-lived rows: keep the heap small.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
--> statement-breakpoint
-- Rows that are changed soon after they are written: room beside them lets the change stay on their page.
ALTER TABLE "work_orders" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "steps" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "job_states" SET (fillfactor = 80);
