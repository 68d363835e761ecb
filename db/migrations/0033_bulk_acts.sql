CREATE TABLE "bulk_acts" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"ids" uuid[],
	"filter" jsonb,
	"job_id" uuid,
	"workflow_id" uuid,
	"on_original" boolean DEFAULT false NOT NULL,
	"rate_per_minute" integer,
	"max_rounds" integer DEFAULT 1 NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"until" uuid NOT NULL,
	"round" integer DEFAULT 1 NOT NULL,
	"round_at" timestamp with time zone DEFAULT now() NOT NULL,
	"cursor" uuid,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"waits_for" text,
	"total" integer NOT NULL,
	"is_more" boolean NOT NULL,
	"seen" integer DEFAULT 0 NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"runs" integer DEFAULT 0 NOT NULL,
	"round_runs" integer DEFAULT 0 NOT NULL,
	"taken_back" integer DEFAULT 0 NOT NULL,
	"problem" text,
	"created_by" uuid,
	"created_by_label" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"turn" integer DEFAULT 0 NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "bulk_acts_kind_word" CHECK ("kind" in ('rerun', 'reprocess', 'cancel', 'release')),
	CONSTRAINT "bulk_acts_target_word" CHECK ("target" in ('messages', 'runs', 'rejected')),
	CONSTRAINT "bulk_acts_state_word" CHECK ("state" in ('running', 'paused', 'done', 'aborted', 'undoing', 'undone')),
	CONSTRAINT "bulk_acts_waits_for_word" CHECK ("waits_for" in ('ten_seconds', 'rate', 'room', 'round', 'plan'))
);
--> statement-breakpoint
CREATE TABLE "bulk_refusals" (
	"act_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "bulk_refusals_act_id_item_id_pk" PRIMARY KEY("act_id","item_id"),
	CONSTRAINT "bulk_refusals_reason_word" CHECK ("reason" in ('gone', 'wiped', 'deleted_workflow', 'no_job', 'no_step', 'no_trigger', 'unmatched', 'unfinished', 'plan'))
);
--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
ALTER TABLE "runs" DROP CONSTRAINT "runs_priority_word";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "bulk_act_id" uuid;--> statement-breakpoint
CREATE INDEX "bulk_acts_project" ON "bulk_acts" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "bulk_acts_under_way" ON "bulk_acts" USING btree ("beat_at") WHERE state in ('running', 'undoing');--> statement-breakpoint
CREATE INDEX "bulk_refusals_project" ON "bulk_refusals" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "runs_bulk_act" ON "runs" USING btree ("bulk_act_id","state","id") WHERE bulk_act_id is not null;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'deletion/requested', 'bulk/requested'));--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_priority_word" CHECK ("priority" in ('immediate', 'normal', 'bulk'));