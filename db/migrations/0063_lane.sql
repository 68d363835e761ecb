CREATE SEQUENCE "public"."outbox_claims" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "workflow_id" uuid GENERATED ALWAYS AS (case when event = 'run/requested' then (data->>'workflowId')::uuid end) STORED;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "head_start" integer GENERATED ALWAYS AS (case when event = 'run/requested' then case when coalesce((data->>'priority')::float8, 0) >= 600 then 600 when coalesce((data->>'priority')::float8, 0) >= 100 then 100 when coalesce((data->>'priority')::float8, 0) >= 0 then 0 else -300 end end) STORED;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "held_by" text;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "claim_no" bigint;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "attempt" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "lost" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "not_before" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "outbox_events" ON "outbox" USING btree ("project_id","id") WHERE event <> 'run/requested';--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "outbox" USING btree ("project_id","head_start","id") WHERE event = 'run/requested' and held_by is null and not_before is null;--> statement-breakpoint
CREATE INDEX "outbox_of_workflow" ON "outbox" USING btree ("project_id","workflow_id","id") WHERE event = 'run/requested' and held_by is null and not_before is null;--> statement-breakpoint
CREATE INDEX "outbox_held" ON "outbox" USING btree ("project_id","claim_no") WHERE held_by is not null;--> statement-breakpoint
CREATE INDEX "outbox_later" ON "outbox" USING btree ("not_before") WHERE held_by is null and not_before is not null;--> statement-breakpoint
UPDATE "outbox" SET "project_id" = ("data"->>'projectId')::uuid WHERE "event" = 'run/requested' AND "project_id" IS NULL;--> statement-breakpoint
UPDATE "outbox" SET "not_before" = to_timestamp(("data"->>'notBefore')::float8 / 1000) WHERE "event" = 'run/requested' AND "data" ? 'notBefore';
