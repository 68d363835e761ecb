CREATE TABLE "deploys" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"versions" jsonb NOT NULL,
	"source" text NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deploys_source_word" CHECK ("source" in ('app', 'cli', 'import', 'restore'))
);
--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "source" text;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "restored_from" integer;--> statement-breakpoint
ALTER TABLE "deploys" ADD CONSTRAINT "deploys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_source_word" CHECK ("source" in ('app', 'cli', 'import', 'restore'));