DROP INDEX "runs_unfinished";--> statement-breakpoint
CREATE INDEX "runs_waiting" ON "runs" USING btree ("created_at") WHERE state = 'pending';