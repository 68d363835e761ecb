CREATE TABLE "notice_channels" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"target" text NOT NULL,
	"host" text NOT NULL,
	"created_by" uuid,
	"disabled_at" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"paused_until" timestamp with time zone,
	"last_error" text,
	"last_sent_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notice_channels_type_word" CHECK ("type" in ('webhook', 'slack'))
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"user_id" uuid,
	"channel_id" uuid,
	"address" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"lane" uuid NOT NULL,
	"not_before" timestamp with time zone DEFAULT now() NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"claimed_at" timestamp with time zone,
	"handed_at" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"failed_at" timestamp with time zone,
	"error" text,
	"subject" text,
	"state" text DEFAULT 'waiting' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notices_one_recipient" CHECK (num_nonnulls(user_id, channel_id, address) = 1),
	CONSTRAINT "notices_kind_word" CHECK ("kind" in ('issue', 'digest', 'plan', 'credential_expiry', 'credential_transfer', 'channel', 'operator', 'test')),
	CONSTRAINT "notices_state_word" CHECK ("state" in ('waiting', 'sent', 'failed', 'uncertain', 'stopped'))
);
--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
ALTER TABLE "notice_channels" ADD CONSTRAINT "notice_channels_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_channels" ADD CONSTRAINT "notice_channels_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_channel_id_notice_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."notice_channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notice_channels_project" ON "notice_channels" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "notice_channels_creator" ON "notice_channels" USING btree ("created_by");--> statement-breakpoint
CREATE UNIQUE INDEX "notices_key" ON "notices" USING btree ("key");--> statement-breakpoint
CREATE INDEX "notices_due" ON "notices" USING btree ("lane","next_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "notices_project" ON "notices" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "notices_user" ON "notices" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "notices_channel" ON "notices" USING btree ("channel_id");--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'runs/resumed', 'deletion/requested', 'bulk/requested', 'notices/requested'));