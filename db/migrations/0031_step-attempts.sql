CREATE TABLE "step_attempts" (
	"step_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"exit_reason" text NOT NULL,
	"error_type" text,
	"error_message" text,
	"error" jsonb,
	"connections" jsonb,
	"duration_ms" double precision,
	"log_lines" integer NOT NULL,
	"waits_until" timestamp with time zone NOT NULL,
	CONSTRAINT "step_attempts_step_id_attempt_pk" PRIMARY KEY("step_id","attempt"),
	CONSTRAINT "step_attempts_exit_reason_word" CHECK ("exit_reason" in ('success', 'fail', 'crash', 'kill', 'cancel', 'exception', 'lost'))
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "retry_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "attempt" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "attempt_id" uuid;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "attempted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "retry_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "step_attempts" ADD CONSTRAINT "step_attempts_step_id_steps_id_fk" FOREIGN KEY ("step_id") REFERENCES "public"."steps"("id") ON DELETE cascade ON UPDATE no action;