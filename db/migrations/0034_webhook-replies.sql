ALTER TABLE "triggers" DROP CONSTRAINT "triggers_webhook_reply_word";--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "reply_status" integer;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "reply_body" text;--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_webhook_reply_word" CHECK ("webhook_reply" in ('before_start', 'after_completion', 'custom'));