CREATE INDEX CONCURRENTLY IF NOT EXISTS "outbox_free" ON "outbox" USING btree ("project_id","id") WHERE held_by is null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "outbox_project";
