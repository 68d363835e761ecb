DROP INDEX "dataclips_project";--> statement-breakpoint
DROP INDEX "job_states_filter";--> statement-breakpoint
DROP INDEX "job_states_result";--> statement-breakpoint
DROP INDEX "messages_inbox";--> statement-breakpoint
DROP INDEX "messages_unmatched";--> statement-breakpoint
DROP INDEX "audit_events_project";--> statement-breakpoint
DROP INDEX "runs_activity";--> statement-breakpoint
DROP INDEX "runs_state";--> statement-breakpoint
DROP INDEX "runs_workflow";--> statement-breakpoint
DROP INDEX "steps_job";--> statement-breakpoint
DROP INDEX "work_orders_project";--> statement-breakpoint
DROP INDEX "work_orders_workflow";--> statement-breakpoint
DROP INDEX "mails_created";--> statement-breakpoint
CREATE INDEX "dataclips_project" ON "dataclips" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "job_states_filter" ON "job_states" USING btree ("project_id","job_id","result","message_id");--> statement-breakpoint
CREATE INDEX "job_states_result" ON "job_states" USING btree ("project_id","result","message_id");--> statement-breakpoint
CREATE INDEX "messages_inbox" ON "messages" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "messages_unmatched" ON "messages" USING btree ("project_id","id") WHERE matches = 0;--> statement-breakpoint
CREATE INDEX "audit_events_project" ON "audit_events" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "runs_activity" ON "runs" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "runs_state" ON "runs" USING btree ("project_id","state","id");--> statement-breakpoint
CREATE INDEX "runs_workflow" ON "runs" USING btree ("workflow_id","id");--> statement-breakpoint
CREATE INDEX "steps_job" ON "steps" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "work_orders_project" ON "work_orders" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "work_orders_workflow" ON "work_orders" USING btree ("workflow_id","id");--> statement-breakpoint
CREATE INDEX "mails_created" ON "mails" USING btree ("created_at");