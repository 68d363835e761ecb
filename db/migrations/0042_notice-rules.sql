CREATE TABLE "notice_rules" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"user_id" uuid,
	"channel_id" uuid,
	"workflow_ids" uuid[],
	"statuses" text[],
	"at_once" boolean DEFAULT true NOT NULL,
	"digest" text DEFAULT 'never' NOT NULL,
	"stopped_digest" text,
	"time_zone" text,
	"next_digest_at" timestamp with time zone,
	"last_digest_at" timestamp with time zone,
	"last_digest_said" boolean,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notice_rules_one_target" CHECK ((user_id is null) <> (channel_id is null)),
	CONSTRAINT "notice_rules_statuses_word" CHECK ("statuses" <@ array['failed', 'crashed', 'killed', 'exception', 'lost']),
	CONSTRAINT "notice_rules_digest_word" CHECK ("digest" in ('never', 'daily', 'weekly', 'monthly')),
	CONSTRAINT "notice_rules_stopped_digest_word" CHECK ("stopped_digest" in ('never', 'daily', 'weekly', 'monthly'))
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "quiet_from" integer;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "quiet_to" integer;--> statement-breakpoint
ALTER TABLE "notice_rules" ADD CONSTRAINT "notice_rules_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_rules" ADD CONSTRAINT "notice_rules_channel_id_notice_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."notice_channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_rules" ADD CONSTRAINT "notice_rules_member_fk" FOREIGN KEY ("project_id","user_id") REFERENCES "public"."project_members"("project_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "notice_rules_member" ON "notice_rules" USING btree ("project_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notice_rules_channel" ON "notice_rules" USING btree ("channel_id");--> statement-breakpoint
CREATE INDEX "notice_rules_user" ON "notice_rules" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "notice_rules_digest" ON "notice_rules" USING btree ("next_digest_at") WHERE next_digest_at is not null;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_quiet_hours" CHECK ((quiet_from is null) = (quiet_to is null) and quiet_from between 0 and 1439 and quiet_to between 0 and 1439 and quiet_from <> quiet_to);