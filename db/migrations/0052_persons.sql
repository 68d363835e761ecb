CREATE TABLE "person_items" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"item_id" uuid NOT NULL,
	"source" text,
	"via" text NOT NULL,
	"places" text[] NOT NULL,
	"excerpt" text,
	"at" timestamp with time zone NOT NULL,
	"message_id" uuid,
	"run_id" uuid,
	"clip_id" uuid,
	"is_chosen" boolean DEFAULT false NOT NULL,
	"wiped_at" timestamp with time zone,
	CONSTRAINT "person_items_kind_word" CHECK ("kind" in ('message', 'step', 'run', 'input', 'saved_input', 'cursor', 'refused', 'issue', 'audit', 'bulk_act', 'notice', 'mail', 'note', 'code', 'setting')),
	CONSTRAINT "person_items_via_word" CHECK ("via" in ('found', 'made'))
);
--> statement-breakpoint
CREATE TABLE "person_requests" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"state" text DEFAULT 'scanning' NOT NULL,
	"sealed" text,
	"key_count" integer NOT NULL,
	"until" uuid NOT NULL,
	"place" integer DEFAULT 0 NOT NULL,
	"cursor" text,
	"part" double precision DEFAULT 0 NOT NULL,
	"seen" integer DEFAULT 0 NOT NULL,
	"found" integer DEFAULT 0 NOT NULL,
	"waiting" integer DEFAULT 0 NOT NULL,
	"wiped" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"wipe_by" uuid,
	"wipe_by_label" text,
	"problem" text,
	"created_by" uuid,
	"created_by_label" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"turn" integer DEFAULT 0 NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "person_requests_state_word" CHECK ("state" in ('scanning', 'found', 'wiping', 'verifying', 'wiped', 'cancelled', 'expired', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "wipe_certificates" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"content" jsonb NOT NULL,
	"signature" text NOT NULL,
	"by_label" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
CREATE UNIQUE INDEX "person_items_item" ON "person_items" USING btree ("request_id","kind","item_id");--> statement-breakpoint
CREATE INDEX "person_items_kind" ON "person_items" USING btree ("request_id","kind","seq");--> statement-breakpoint
CREATE INDEX "person_items_clip" ON "person_items" USING btree ("request_id","clip_id") WHERE clip_id is not null;--> statement-breakpoint
CREATE INDEX "person_items_chosen" ON "person_items" USING btree ("request_id","seq") WHERE is_chosen and wiped_at is null;--> statement-breakpoint
CREATE INDEX "person_items_project" ON "person_items" USING btree ("project_id","seq");--> statement-breakpoint
CREATE INDEX "person_requests_project" ON "person_requests" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "person_requests_under_way" ON "person_requests" USING btree ("beat_at") WHERE state in ('scanning', 'wiping', 'verifying');--> statement-breakpoint
CREATE INDEX "person_requests_sealed" ON "person_requests" USING btree ("id") WHERE sealed is not null;--> statement-breakpoint
CREATE INDEX "wipe_certificates_project" ON "wipe_certificates" USING btree ("project_id","id");--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'runs/resumed', 'deletion/requested', 'bulk/requested', 'notices/requested', 'issues/requested', 'person/requested'));