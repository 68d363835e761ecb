ALTER TABLE "refused_requests" DROP CONSTRAINT "refused_requests_cause_word";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "full_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "full_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "projects_full" ON "projects" USING btree ("id") WHERE full_until is not null;--> statement-breakpoint
ALTER TABLE "refused_requests" ADD CONSTRAINT "refused_requests_cause_word" CHECK ("cause" in ('no_credentials', 'wrong_credentials', 'wrong_signature', 'disabled', 'too_large', 'unreadable', 'unredactable', 'too_many', 'plan', 'backlog', 'repeat'));