CREATE TABLE "payloads" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"digest" "bytea" NOT NULL,
	"sealed_key" text NOT NULL,
	"size" integer NOT NULL,
	"touched_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stored_at" timestamp with time zone,
	"doomed_at" timestamp with time zone
);--> statement-breakpoint
CREATE TABLE "payloads_home" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL
);--> statement-breakpoint
INSERT INTO "payloads_home" DEFAULT VALUES;--> statement-breakpoint
CREATE TABLE "payloads_left" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"payload_id" uuid NOT NULL
);--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "payload" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "together_until" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "payloads_content" ON "payloads" USING btree ("project_id","digest") WHERE doomed_at is null;--> statement-breakpoint
CREATE INDEX "payloads_project" ON "payloads" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "payloads_unstored" ON "payloads" USING btree ("touched_at") WHERE stored_at is null and doomed_at is null;--> statement-breakpoint
CREATE INDEX "payloads_doomed" ON "payloads" USING btree ("doomed_at") WHERE doomed_at is not null;--> statement-breakpoint
CREATE INDEX "payloads_left_project" ON "payloads_left" USING btree ("project_id","id");--> statement-breakpoint
-- Of what there was before it holds: the column is new.
ALTER TABLE "messages" ADD CONSTRAINT "messages_wiped_is_here" CHECK (payload is null or wiped_at is null) NOT VALID;--> statement-breakpoint
-- Whoever empties or deletes what refers to a payload, in whatever way: it is looked at whether something else does.
CREATE FUNCTION leave_payload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payloads_left (project_id, payload_id) VALUES (OLD.project_id, OLD.payload);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER payload_left AFTER UPDATE OF payload ON messages FOR EACH ROW
  WHEN (OLD.payload IS NOT NULL AND NEW.payload IS DISTINCT FROM OLD.payload) EXECUTE FUNCTION leave_payload();--> statement-breakpoint
CREATE TRIGGER payload_gone AFTER DELETE ON messages FOR EACH ROW
  WHEN (OLD.payload IS NOT NULL) EXECUTE FUNCTION leave_payload();--> statement-breakpoint
-- A word more: whatever there is has one of those before.
ALTER TABLE "bulk_refusals" DROP CONSTRAINT "bulk_refusals_reason_word";--> statement-breakpoint
ALTER TABLE "bulk_refusals" ADD CONSTRAINT "bulk_refusals_reason_word" CHECK ("reason" in ('gone', 'wiped', 'lost', 'deleted_workflow', 'no_job', 'no_step', 'no_trigger', 'unmatched', 'unfinished', 'elsewhere', 'plan', 'test')) NOT VALID;--> statement-breakpoint
-- As before, but for a body that is not here: whoever queues a run brings it back first (lib/payloads).
CREATE OR REPLACE FUNCTION order_key_of(p_path text, p_project uuid, p_message uuid, p_dataclip uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  found text;
  input jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM messages m WHERE m.id = p_message AND m.project_id = p_project AND m.payload IS NOT NULL AND m.view IS NULL) THEN
    RAISE EXCEPTION 'The body of the message lies apart, so nobody can say which line it is of.' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  BEGIN
    SELECT order_key_in(p_path,
      coalesce(m.view, CASE m.format WHEN 'json' THEN convert_from(m.body, 'UTF8')::jsonb WHEN 'text' THEN to_jsonb(convert_from(m.body, 'UTF8')) END),
      jsonb_build_object('method', m.method, 'path', to_jsonb(m.path), 'query_params', m.query, 'headers', m.headers))
    INTO found FROM messages m WHERE m.id = p_message AND m.project_id = p_project;
  EXCEPTION WHEN data_exception THEN found := NULL;
  END;
  IF found IS NOT NULL OR p_dataclip IS NULL THEN RETURN found; END IF;
  SELECT d.body::jsonb INTO input FROM dataclips d WHERE d.id = p_dataclip AND d.project_id = p_project;
  RETURN order_key_in(p_path, input->'data', input->'request');
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $$;--> statement-breakpoint
DO $$
DECLARE
  setting text;
BEGIN
  FOREACH setting IN ARRAY array['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit'] LOOP
    EXECUTE format('ALTER FUNCTION order_key_of(text, uuid, uuid, uuid) SET %I = off', setting);
  END LOOP;
END $$;
