CREATE TABLE "arrival_counts" (
	"counted_id" uuid NOT NULL,
	"ten_seconds" integer NOT NULL,
	"backend" integer NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "arrival_counts_counted_id_ten_seconds_backend_pk" PRIMARY KEY("counted_id","ten_seconds","backend")
);
--> statement-breakpoint
CREATE TABLE "refused_requests" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"trigger_id" uuid,
	"cause" text NOT NULL,
	"detail" text,
	"room" text,
	"status" integer NOT NULL,
	"message_id" uuid,
	"method" text NOT NULL,
	"path" text[] NOT NULL,
	"query" jsonb NOT NULL,
	"parameters" jsonb,
	"headers" jsonb NOT NULL,
	"content_type" text,
	"body" "bytea",
	"size" integer NOT NULL,
	"kept" integer NOT NULL,
	"preview" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"accepted_at" timestamp with time zone,
	"accepted_by" uuid,
	CONSTRAINT "refused_requests_cause_word" CHECK ("cause" in ('no_credentials', 'wrong_credentials', 'wrong_signature', 'disabled', 'too_large', 'unreadable', 'too_many', 'plan', 'repeat'))
);
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "delivery_id" jsonb;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "rate_per_minute" integer;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "inbox_rate_per_minute" integer;--> statement-breakpoint
ALTER TABLE "auth_methods" ADD COLUMN "old_digest" text;--> statement-breakpoint
ALTER TABLE "auth_methods" ADD COLUMN "old_signature_secret" text;--> statement-breakpoint
ALTER TABLE "auth_methods" ADD COLUMN "old_ends_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "arrival_counts_over" ON "arrival_counts" USING btree ("ten_seconds");--> statement-breakpoint
CREATE INDEX "refused_requests_project" ON "refused_requests" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "refused_requests_cause" ON "refused_requests" USING btree ("project_id","cause","id");--> statement-breakpoint
CREATE INDEX "refused_requests_room" ON "refused_requests" USING btree ("room","kept") WHERE room is not null;--> statement-breakpoint
CREATE INDEX "refused_requests_over" ON "refused_requests" USING btree ("received_at") WHERE accepted_at is null;