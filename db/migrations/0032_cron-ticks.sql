ALTER TABLE "triggers" ADD COLUMN "last_tick" text;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "last_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "last_tick_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "last_missed" integer;--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_last_tick_word" CHECK ("last_tick" in ('started', 'skipped', 'limited'));