ALTER TABLE "outbox" ADD COLUMN "project_id" uuid;--> statement-breakpoint
CREATE INDEX "outbox_project" ON "outbox" USING btree ("project_id","id");