ALTER TABLE "retention_left" ADD COLUMN "look_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX "retention_left_due" ON "retention_left" USING btree ("project_id","kind","look_at");--> statement-breakpoint
ALTER TABLE "retention_cursors" DROP COLUMN "left_cursor";--> statement-breakpoint
ALTER TABLE "retention_cursors" DROP COLUMN "next_pass_at";