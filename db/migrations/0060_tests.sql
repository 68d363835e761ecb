CREATE TABLE "draft_tests" (
	"draft_id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"mode" text DEFAULT 'record' NOT NULL,
	"open_until" timestamp with time zone,
	"schedule_until" timestamp with time zone,
	"schedule_seen" timestamp with time zone,
	"recorded_code" text,
	CONSTRAINT "draft_tests_mode_word" CHECK ("mode" in ('record', 'send'))
);
--> statement-breakpoint
CREATE TABLE "test_runs" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"draft_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"source" text NOT NULL,
	"mode" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"start_trigger_id" uuid,
	"start_job_id" uuid,
	"is_alone" boolean DEFAULT false NOT NULL,
	"input_of" text NOT NULL,
	"message_id" uuid,
	"dataclip_id" uuid,
	"step_id" uuid,
	"input" text,
	"graph" jsonb,
	"pins" jsonb,
	"notes" jsonb,
	"error_type" text,
	"error_message" text,
	"claim" uuid,
	"beat_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "test_runs_source_word" CHECK ("source" in ('hand', 'url', 'clock')),
	CONSTRAINT "test_runs_mode_word" CHECK ("mode" in ('record', 'send')),
	CONSTRAINT "test_runs_state_word" CHECK ("state" in ('waiting', 'running', 'success', 'failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost')),
	CONSTRAINT "test_runs_input_of_word" CHECK ("input_of" in ('message', 'dataclip', 'step', 'json', 'clock', 'none'))
);
--> statement-breakpoint
CREATE TABLE "test_steps" (
	"test_run_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"project_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"job_name" text NOT NULL,
	"follows" integer,
	"reason" text,
	"error_type" text,
	"content" text,
	"is_cut" boolean DEFAULT false NOT NULL,
	"taken_edges" uuid[],
	"duration_ms" integer,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "test_steps_test_run_id_ordinal_pk" PRIMARY KEY("test_run_id","ordinal"),
	CONSTRAINT "test_steps_reason_word" CHECK ("reason" in ('success', 'fail', 'crash', 'kill', 'cancel', 'exception', 'lost'))
);
--> statement-breakpoint
ALTER TABLE "bulk_refusals" DROP CONSTRAINT "bulk_refusals_reason_word";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_source_word";--> statement-breakpoint
ALTER TABLE "person_items" DROP CONSTRAINT "person_items_kind_word";--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
ALTER TABLE "draft_tests" ADD CONSTRAINT "draft_tests_draft_id_drafts_id_fk" FOREIGN KEY ("draft_id") REFERENCES "public"."drafts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_runs" ADD CONSTRAINT "test_runs_draft_id_drafts_id_fk" FOREIGN KEY ("draft_id") REFERENCES "public"."drafts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_steps" ADD CONSTRAINT "test_steps_test_run_id_test_runs_id_fk" FOREIGN KEY ("test_run_id") REFERENCES "public"."test_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "draft_tests_project" ON "draft_tests" USING btree ("project_id","draft_id");--> statement-breakpoint
CREATE INDEX "draft_tests_schedule" ON "draft_tests" USING btree ("schedule_until") WHERE schedule_until is not null;--> statement-breakpoint
CREATE INDEX "test_runs_draft" ON "test_runs" USING btree ("draft_id","id");--> statement-breakpoint
CREATE INDEX "test_runs_project" ON "test_runs" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "test_runs_message" ON "test_runs" USING btree ("message_id") WHERE message_id is not null;--> statement-breakpoint
CREATE INDEX "test_runs_waiting" ON "test_runs" USING btree ("project_id","id") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "test_runs_unfinished" ON "test_runs" USING btree ("id") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "messages_tests" ON "messages" USING btree ("project_id","id") WHERE source = 'test';--> statement-breakpoint
ALTER TABLE "bulk_refusals" ADD CONSTRAINT "bulk_refusals_reason_word" CHECK ("reason" in ('gone', 'wiped', 'deleted_workflow', 'no_job', 'no_step', 'no_trigger', 'unmatched', 'unfinished', 'elsewhere', 'plan', 'test'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_source_word" CHECK ("source" in ('inbox', 'webhook', 'resend', 'manual', 'test'));--> statement-breakpoint
ALTER TABLE "person_items" ADD CONSTRAINT "person_items_kind_word" CHECK ("kind" in ('message', 'step', 'run', 'input', 'saved_input', 'cursor', 'collection_item', 'refused', 'issue', 'audit', 'bulk_act', 'notice', 'mail', 'note', 'code', 'setting', 'test'));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'runs/resumed', 'deletion/requested', 'bulk/requested', 'notices/requested', 'issues/requested', 'person/requested', 'test/requested'));