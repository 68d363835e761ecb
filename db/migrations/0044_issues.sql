CREATE TABLE "issue_days" (
	"issue_id" uuid NOT NULL,
	"day" date NOT NULL,
	"project_id" uuid NOT NULL,
	"count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "issue_days_issue_id_day_pk" PRIMARY KEY("issue_id","day")
);
--> statement-breakpoint
CREATE TABLE "issue_orders" (
	"issue_id" uuid NOT NULL,
	"work_order_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"message_id" uuid,
	"run_id" uuid NOT NULL,
	"step_id" uuid,
	"times" integer DEFAULT 1 NOT NULL,
	"failed_at" timestamp with time zone NOT NULL,
	"healed_at" timestamp with time zone,
	CONSTRAINT "issue_orders_issue_id_work_order_id_pk" PRIMARY KEY("issue_id","work_order_id")
);
--> statement-breakpoint
CREATE TABLE "issues" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"workflow_id" uuid NOT NULL,
	"job_id" uuid,
	"job_name" text,
	"error_type" text NOT NULL,
	"title" text NOT NULL,
	"fingerprint" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"run_state" text NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"seen_id" uuid DEFAULT uuid_v7() NOT NULL,
	"count" integer DEFAULT 0 NOT NULL,
	"last_run_id" uuid NOT NULL,
	"last_step_id" uuid,
	"changed_by" uuid,
	"changed_by_label" text,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ignored_until" timestamp with time zone,
	"ignored_until_count" integer,
	"returned" integer DEFAULT 0 NOT NULL,
	"told_returned" integer DEFAULT 0 NOT NULL,
	"told_at" timestamp with time zone,
	"told_count" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "issues_state_word" CHECK ("state" in ('open', 'acknowledged', 'resolved', 'ignored')),
	CONSTRAINT "issues_run_state_word" CHECK ("run_state" in ('failed', 'crashed', 'killed', 'exception', 'lost'))
);
--> statement-breakpoint
ALTER TABLE "bulk_acts" DROP CONSTRAINT "bulk_acts_target_word";--> statement-breakpoint
ALTER TABLE "bulk_refusals" DROP CONSTRAINT "bulk_refusals_reason_word";--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "issue_id" uuid;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "has_issue" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "issue_days" ADD CONSTRAINT "issue_days_issue_id_issues_id_fk" FOREIGN KEY ("issue_id") REFERENCES "public"."issues"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issue_orders" ADD CONSTRAINT "issue_orders_issue_id_issues_id_fk" FOREIGN KEY ("issue_id") REFERENCES "public"."issues"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "issue_days_project" ON "issue_days" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "issue_orders_unhealed" ON "issue_orders" USING btree ("issue_id","work_order_id") WHERE healed_at is null;--> statement-breakpoint
CREATE INDEX "issue_orders_work_order" ON "issue_orders" USING btree ("work_order_id");--> statement-breakpoint
CREATE INDEX "issue_orders_message" ON "issue_orders" USING btree ("message_id") WHERE message_id is not null;--> statement-breakpoint
CREATE INDEX "issue_orders_project" ON "issue_orders" USING btree ("project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "issues_fingerprint" ON "issues" USING btree ("project_id","fingerprint");--> statement-breakpoint
CREATE INDEX "issues_project" ON "issues" USING btree ("project_id","seen_id");--> statement-breakpoint
CREATE INDEX "issues_state" ON "issues" USING btree ("project_id","state","seen_id");--> statement-breakpoint
CREATE INDEX "issues_workflow" ON "issues" USING btree ("workflow_id","seen_id");--> statement-breakpoint
CREATE INDEX "issues_ignored" ON "issues" USING btree ("ignored_until") WHERE state = 'ignored' and ignored_until is not null;--> statement-breakpoint
CREATE INDEX "outbox_issues" ON "outbox" USING btree ("id") WHERE event = 'issues/requested';--> statement-breakpoint
CREATE INDEX "runs_uncollected" ON "runs" USING btree ("project_id","id") WHERE state in ('failed', 'crashed', 'killed', 'exception', 'lost') and issue_id is null;--> statement-breakpoint
CREATE INDEX "work_orders_healed" ON "work_orders" USING btree ("project_id","id") WHERE has_issue and state = 'success';--> statement-breakpoint
ALTER TABLE "bulk_acts" ADD CONSTRAINT "bulk_acts_target_word" CHECK ("target" in ('messages', 'runs', 'rejected', 'issue'));--> statement-breakpoint
ALTER TABLE "bulk_refusals" ADD CONSTRAINT "bulk_refusals_reason_word" CHECK ("reason" in ('gone', 'wiped', 'deleted_workflow', 'no_job', 'no_step', 'no_trigger', 'unmatched', 'unfinished', 'elsewhere', 'plan'));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'runs/resumed', 'deletion/requested', 'bulk/requested', 'notices/requested', 'issues/requested'));