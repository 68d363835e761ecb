ALTER TABLE "triggers" DROP CONSTRAINT "triggers_type_word";--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "retry" jsonb;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "library_job_id" uuid;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "library_version" integer;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "source_job_id" uuid;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "when_running" text;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "custom_path" text;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "takes_get" boolean;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "open_rosa" boolean;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "delivery_id" jsonb;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "rate_per_minute" integer;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "order_key" text;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "job_logs" boolean;--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_when_running_word" CHECK ("when_running" in ('queue', 'skip'));--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_type_word" CHECK ("type" in ('webhook', 'message_filter', 'cron', 'flow', 'catch'));