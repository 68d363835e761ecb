CREATE TABLE "credential_bodies" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"credential_id" uuid NOT NULL,
	"env" text NOT NULL,
	"body" text NOT NULL,
	"allowed_hosts" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "keychain_credentials" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"path" text NOT NULL,
	"default_project_credential_id" uuid,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "env" text;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "keychain_credential_id" uuid;--> statement-breakpoint
ALTER TABLE "project_credentials" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "credential_bodies" ADD CONSTRAINT "credential_bodies_credential_id_credentials_id_fk" FOREIGN KEY ("credential_id") REFERENCES "public"."credentials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keychain_credentials" ADD CONSTRAINT "keychain_credentials_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keychain_credentials" ADD CONSTRAINT "keychain_credentials_default_fk" FOREIGN KEY ("default_project_credential_id") REFERENCES "public"."project_credentials"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "credential_bodies_env" ON "credential_bodies" USING btree ("credential_id","env");--> statement-breakpoint
CREATE UNIQUE INDEX "keychain_credentials_name" ON "keychain_credentials" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "keychain_credentials_default" ON "keychain_credentials" USING btree ("default_project_credential_id");--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_keychain_credential_id_keychain_credentials_id_fk" FOREIGN KEY ("keychain_credential_id") REFERENCES "public"."keychain_credentials"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "jobs_keychain" ON "jobs" USING btree ("keychain_credential_id") WHERE keychain_credential_id is not null;