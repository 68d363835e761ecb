-- Payloads lie out of line, so that lists read short rows.
ALTER TABLE "messages" ALTER COLUMN "body" SET STORAGE EXTENDED;--> statement-breakpoint
ALTER TABLE "messages" SET (toast_tuple_target = 256);--> statement-breakpoint
ALTER TABLE "dataclips" SET (toast_tuple_target = 256);--> statement-breakpoint
-- Short-lived rows: keep the heap small.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
