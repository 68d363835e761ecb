ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "deletion_scheduled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "deletes_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "deletion_scheduled_by" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deletion_scheduled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deletes_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "api_tokens_project" ON "api_tokens" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "invitations_inviter" ON "invitations" USING btree ("invited_by");--> statement-breakpoint
CREATE INDEX "projects_deletes" ON "projects" USING btree ("deletes_at") WHERE deletes_at is not null;--> statement-breakpoint
CREATE INDEX "run_steps_step" ON "run_steps" USING btree ("step_id");--> statement-breakpoint
CREATE INDEX "users_deletes" ON "users" USING btree ("deletes_at") WHERE deletes_at is not null;--> statement-breakpoint
CREATE INDEX "edges_project" ON "edges" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "edges_source_trigger" ON "edges" USING btree ("source_trigger_id");--> statement-breakpoint
CREATE INDEX "edges_source_job" ON "edges" USING btree ("source_job_id");--> statement-breakpoint
CREATE INDEX "edges_target_job" ON "edges" USING btree ("target_job_id");--> statement-breakpoint
CREATE INDEX "jobs_credential" ON "jobs" USING btree ("project_credential_id");--> statement-breakpoint
CREATE INDEX "snapshots_project" ON "snapshots" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "trigger_auth_methods_method" ON "trigger_auth_methods" USING btree ("auth_method_id");--> statement-breakpoint
CREATE INDEX "triggers_project" ON "triggers" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "workflows_project" ON "workflows" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "workflows_snapshot" ON "workflows" USING btree ("snapshot_id");--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'deletion/requested'));