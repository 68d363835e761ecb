CREATE TABLE "oauth_clients" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" text NOT NULL,
	"provider" text NOT NULL,
	"client_id" text NOT NULL,
	"client_secret" text,
	"token_auth" text NOT NULL,
	"authorization_url" text NOT NULL,
	"token_url" text NOT NULL,
	"scopes" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"is_global" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "oauth_clients_provider_word" CHECK ("provider" in ('google', 'salesforce', 'microsoft', 'generic')),
	CONSTRAINT "oauth_clients_token_auth_word" CHECK ("token_auth" in ('client_secret_post', 'client_secret_basic', 'none'))
);
--> statement-breakpoint
CREATE TABLE "project_oauth_clients" (
	"project_id" uuid NOT NULL,
	"oauth_client_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_oauth_clients_project_id_oauth_client_id_pk" PRIMARY KEY("project_id","oauth_client_id")
);
--> statement-breakpoint
CREATE TABLE "credential_transfers" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"credential_id" uuid NOT NULL,
	"from_id" uuid NOT NULL,
	"to_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "oauth_consents" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"oauth_client_id" uuid NOT NULL,
	"credential_id" uuid,
	"name" text NOT NULL,
	"project_id" uuid,
	"verifier" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "oauth_client_id" uuid;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "renewal_failed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "renewal_problem" text;--> statement-breakpoint
ALTER TABLE "oauth_clients" ADD CONSTRAINT "oauth_clients_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_oauth_clients" ADD CONSTRAINT "project_oauth_clients_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_oauth_clients" ADD CONSTRAINT "project_oauth_clients_oauth_client_id_oauth_clients_id_fk" FOREIGN KEY ("oauth_client_id") REFERENCES "public"."oauth_clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential_transfers" ADD CONSTRAINT "credential_transfers_credential_id_credentials_id_fk" FOREIGN KEY ("credential_id") REFERENCES "public"."credentials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential_transfers" ADD CONSTRAINT "credential_transfers_from_id_users_id_fk" FOREIGN KEY ("from_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential_transfers" ADD CONSTRAINT "credential_transfers_to_id_users_id_fk" FOREIGN KEY ("to_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_consents" ADD CONSTRAINT "oauth_consents_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_consents" ADD CONSTRAINT "oauth_consents_oauth_client_id_oauth_clients_id_fk" FOREIGN KEY ("oauth_client_id") REFERENCES "public"."oauth_clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_consents" ADD CONSTRAINT "oauth_consents_credential_id_credentials_id_fk" FOREIGN KEY ("credential_id") REFERENCES "public"."credentials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_consents" ADD CONSTRAINT "oauth_consents_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "oauth_clients_owner_name" ON "oauth_clients" USING btree ("owner_id","name");--> statement-breakpoint
CREATE INDEX "oauth_clients_global" ON "oauth_clients" USING btree ("id") WHERE is_global;--> statement-breakpoint
CREATE INDEX "project_oauth_clients_client" ON "project_oauth_clients" USING btree ("oauth_client_id");--> statement-breakpoint
CREATE UNIQUE INDEX "credential_transfers_credential" ON "credential_transfers" USING btree ("credential_id");--> statement-breakpoint
CREATE INDEX "credential_transfers_to" ON "credential_transfers" USING btree ("to_id","id");--> statement-breakpoint
CREATE INDEX "credential_transfers_from" ON "credential_transfers" USING btree ("from_id");--> statement-breakpoint
CREATE INDEX "oauth_consents_user" ON "oauth_consents" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "oauth_consents_client" ON "oauth_consents" USING btree ("oauth_client_id");--> statement-breakpoint
CREATE INDEX "oauth_consents_credential" ON "oauth_consents" USING btree ("credential_id");--> statement-breakpoint
CREATE INDEX "oauth_consents_project" ON "oauth_consents" USING btree ("project_id");--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_oauth_client_id_oauth_clients_id_fk" FOREIGN KEY ("oauth_client_id") REFERENCES "public"."oauth_clients"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credentials_client" ON "credentials" USING btree ("oauth_client_id");--> statement-breakpoint
CREATE INDEX "credentials_expire" ON "credentials" USING btree ("expires_at") WHERE expires_at is not null;--> statement-breakpoint
CREATE INDEX "credentials_failing" ON "credentials" USING btree ("renewal_failed_at") WHERE renewal_failed_at is not null;