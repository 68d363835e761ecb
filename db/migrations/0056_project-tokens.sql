CREATE TABLE "project_tokens" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"token_hash" text NOT NULL,
	"created_by" uuid,
	"last_used_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_tokens_scopes_word" CHECK ("scopes" <@ array['read', 'write', 'deploy', 'run'])
);
--> statement-breakpoint
ALTER TABLE "project_tokens" ADD CONSTRAINT "project_tokens_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_tokens" ADD CONSTRAINT "project_tokens_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "project_tokens_hash" ON "project_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "project_tokens_project" ON "project_tokens" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "project_tokens_creator" ON "project_tokens" USING btree ("created_by");--> statement-breakpoint
-- As for people's tokens (access-notices): streams that ride on one end with it.
CREATE TRIGGER access_changed AFTER UPDATE OF revoked_at ON project_tokens FOR EACH ROW WHEN (old.revoked_at IS DISTINCT FROM new.revoked_at)
  EXECUTE FUNCTION tell_access('tokenId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON project_tokens FOR EACH ROW EXECUTE FUNCTION tell_access('tokenId', 'id');
