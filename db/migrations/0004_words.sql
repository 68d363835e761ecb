ALTER TABLE "dataclips" ADD CONSTRAINT "dataclips_type_word" CHECK ("type" in ('step_result', 'saved_input', 'global'));--> statement-breakpoint
ALTER TABLE "job_states" ADD CONSTRAINT "job_states_result_word" CHECK ("result" in ('in_progress', 'success', 'failure'));--> statement-breakpoint
ALTER TABLE "job_states" ADD CONSTRAINT "job_states_exit_reason_word" CHECK ("exit_reason" in ('success', 'fail', 'crash', 'kill', 'cancel', 'exception', 'lost'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_source_word" CHECK ("source" in ('inbox', 'webhook', 'resend', 'manual'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_format_word" CHECK ("format" in ('json', 'form', 'xml', 'text', 'binary', 'empty'));--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_actor_type_word" CHECK ("actor_type" in ('user', 'token', 'webhook', 'system'));--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_role_word" CHECK ("role" in ('owner', 'admin', 'editor', 'viewer'));--> statement-breakpoint
ALTER TABLE "project_members" ADD CONSTRAINT "project_members_role_word" CHECK ("role" in ('owner', 'admin', 'editor', 'viewer'));--> statement-breakpoint
ALTER TABLE "log_lines" ADD CONSTRAINT "log_lines_level_word" CHECK ("level" in ('debug', 'info', 'success', 'warn', 'error'));--> statement-breakpoint
ALTER TABLE "log_lines" ADD CONSTRAINT "log_lines_source_word" CHECK ("source" in ('JOB', 'ADA', 'R/T'));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled'));--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_state_word" CHECK ("state" in ('pending', 'running', 'success', 'failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected'));--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_priority_word" CHECK ("priority" in ('immediate', 'normal'));--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_exit_reason_word" CHECK ("exit_reason" in ('success', 'fail', 'crash', 'kill', 'cancel', 'exception', 'lost'));--> statement-breakpoint
ALTER TABLE "work_orders" ADD CONSTRAINT "work_orders_state_word" CHECK ("state" in ('pending', 'running', 'success', 'failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected'));--> statement-breakpoint
ALTER TABLE "auth_methods" ADD CONSTRAINT "auth_methods_type_word" CHECK ("type" in ('basic', 'api'));--> statement-breakpoint
ALTER TABLE "edges" ADD CONSTRAINT "edges_condition_type_word" CHECK ("condition_type" in ('always', 'on_job_success', 'on_job_failure', 'js_expression'));--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_type_word" CHECK ("type" in ('webhook', 'message_filter', 'cron'));--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_webhook_reply_word" CHECK ("webhook_reply" in ('before_start', 'after_completion'));