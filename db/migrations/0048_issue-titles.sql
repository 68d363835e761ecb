ALTER TABLE "issues" ADD COLUMN "first_message_id" uuid;--> statement-breakpoint
ALTER TABLE "issues" ADD COLUMN "first_work_order_id" uuid;