ALTER TABLE "bulk_refusals" VALIDATE CONSTRAINT "bulk_refusals_reason_word";--> statement-breakpoint
ALTER TABLE "messages" VALIDATE CONSTRAINT "messages_wiped_is_here";--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_large" ON "messages" USING btree ("size","id") WHERE payload is null and wiped_at is null and size >= 16384;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_payload" ON "messages" USING btree ("payload") WHERE payload is not null;
