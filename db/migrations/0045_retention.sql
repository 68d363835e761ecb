CREATE TABLE "retention_cursors" (
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"cursor" uuid NOT NULL,
	"walked_again_at" timestamp with time zone DEFAULT now() NOT NULL,
	"left_cursor" uuid,
	"next_pass_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "retention_cursors_project_id_kind_pk" PRIMARY KEY("project_id","kind"),
	CONSTRAINT "retention_cursors_kind_word" CHECK ("kind" in ('messages', 'outputs', 'inputs', 'logs', 'orders', 'unmatched'))
);
--> statement-breakpoint
CREATE TABLE "retention_left" (
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"item_id" uuid NOT NULL,
	CONSTRAINT "retention_left_project_id_kind_item_id_pk" PRIMARY KEY("project_id","kind","item_id"),
	CONSTRAINT "retention_left_kind_word" CHECK ("kind" in ('messages', 'outputs', 'inputs', 'logs', 'orders', 'unmatched'))
);
--> statement-breakpoint
ALTER TABLE "dataclips" ADD COLUMN "wiped_for" text;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "wiped_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "wiped_for" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "retention" jsonb;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "persistence" text DEFAULT 'retain_all' NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "retains_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "wiped_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "wiped_for" text;--> statement-breakpoint
ALTER TABLE "usage_counted" ADD COLUMN "bytes_to" uuid DEFAULT '00000000-0000-0000-0000-000000000000' NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "messages" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "body_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "state_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "log_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_messages" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_states" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_logs" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_runs" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_body_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_state_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "gone_log_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD COLUMN "is_told" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "projects_retaining" ON "projects" USING btree ("id") WHERE retention is not null or persistence <> 'retain_all';--> statement-breakpoint
CREATE INDEX "work_orders_dataclip" ON "work_orders" USING btree ("dataclip_id") WHERE dataclip_id is not null;--> statement-breakpoint
ALTER TABLE "dataclips" ADD CONSTRAINT "dataclips_wiped_for_word" CHECK ("wiped_for" in ('retention', 'persistence', 'person')) NOT VALID;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_wiped_for_word" CHECK ("wiped_for" in ('retention', 'persistence', 'person')) NOT VALID;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_persistence_word" CHECK ("persistence" in ('retain_all', 'retain_with_errors', 'erase_all'));--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_wiped_for_word" CHECK ("wiped_for" in ('retention', 'persistence', 'person')) NOT VALID;