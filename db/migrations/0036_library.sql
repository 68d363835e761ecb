CREATE TABLE "library_jobs" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "library_versions" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"library_job_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"body" text NOT NULL,
	"adaptor" text NOT NULL,
	"adaptor_version" text NOT NULL,
	"note" text,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "library_jobs" ADD CONSTRAINT "library_jobs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "library_versions" ADD CONSTRAINT "library_versions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "library_versions" ADD CONSTRAINT "library_versions_library_job_id_library_jobs_id_fk" FOREIGN KEY ("library_job_id") REFERENCES "public"."library_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "library_jobs_name" ON "library_jobs" USING btree ("project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "library_versions_version" ON "library_versions" USING btree ("library_job_id","version");--> statement-breakpoint
CREATE INDEX "library_versions_project" ON "library_versions" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "jobs_library" ON "jobs" USING btree ("library_job_id") WHERE library_job_id is not null;