ALTER TABLE "outbox" DROP CONSTRAINT "outbox_event_word";--> statement-breakpoint
DROP INDEX "runs_waiting";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "paused_by" uuid;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "order_key" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "waits_for" text;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "paused_by" uuid;--> statement-breakpoint
CREATE INDEX "outbox_urgent" ON "outbox" USING btree ("id") WHERE event = 'run/cancelled';--> statement-breakpoint
CREATE INDEX "runs_asked" ON "runs" USING btree ("project_id","id") WHERE state = 'pending' and waits_for is null;--> statement-breakpoint
CREATE INDEX "runs_held" ON "runs" USING btree ("project_id","workflow_id","id") WHERE state = 'pending' and waits_for = 'resume' and order_key is null;--> statement-breakpoint
CREATE INDEX "runs_line" ON "runs" USING btree ("project_id","workflow_id","order_key","id") WHERE order_key is not null and state in ('pending', 'running');--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_of_line" ON "runs" USING btree ("project_id","workflow_id","order_key") WHERE order_key is not null and waits_for is null and state in ('pending', 'running');--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_event_word" CHECK ("event" in ('run/requested', 'run/cancelled', 'runs/resumed', 'deletion/requested', 'bulk/requested'));--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_waits_for_word" CHECK ("waits_for" in ('turn', 'resume'));
--> statement-breakpoint
-- Ids that follow each other within a millisecond, too, on servers without uuidv7(): runs of one key go by their ids.
DO $$
BEGIN
  IF to_regproc('pg_catalog.uuidv7') IS NULL THEN
    CREATE OR REPLACE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$
      SELECT encode(substring(int8send(us / 1000) from 3) || substring(int4send((28672 + us % 1000 * 4096 / 1000)::int) from 3)
        || substring(uuid_send(gen_random_uuid()) from 9), 'hex')::uuid
      FROM (SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint AS us OFFSET 0) t
    $f$;
  END IF;
END $$;--> statement-breakpoint
-- What a path of lib/workflow/order-key.ts leads to in a state's `data` and `request`: null where there is nothing, a short
-- text otherwise. A long one is cut, and its digest tells it apart.
CREATE FUNCTION order_key_in(p_path text, p_data jsonb, p_request jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  steps text[] := string_to_array(regexp_replace(regexp_replace(p_path, '^state\.', ''), '\[(\d+)\]', '.\1', 'g'), '.');
  found text;
BEGIN
  IF steps[1] = 'data' THEN
    found := p_data #>> steps[2:];
  ELSE
    IF steps[2] = 'query' THEN steps[2] := 'query_params'; END IF;
    IF steps[2] = 'headers' THEN steps[3] := lower(steps[3]); END IF;
    found := p_request #>> steps[2:];
  END IF;
  IF found IS NULL OR btrim(found) = '' THEN RETURN NULL; END IF;
  RETURN CASE WHEN length(found) > 200 THEN left(found, 160) || '…' || md5(found) ELSE found END;
END $$;--> statement-breakpoint
-- The same for work whose input is stored: its message, and where that says nothing the state that it starts from. What
-- cannot be read has no key.
CREATE FUNCTION order_key_of(p_path text, p_project uuid, p_message uuid, p_dataclip uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  found text;
  input jsonb;
BEGIN
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
-- One at a time for each line, until the transaction ends. Whoever takes several takes them in the order of their names.
CREATE FUNCTION lock_line(p_workflow uuid, p_key text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('line/' || p_workflow || '/' || p_key, 0));
END $$;--> statement-breakpoint
-- Whether runs of a workflow are not to be started. VOLATILE, so that it sees what was committed until now.
CREATE FUNCTION is_paused(p_project uuid, p_workflow uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM workflows w WHERE w.id = p_workflow AND w.project_id = p_project AND w.paused_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM projects p WHERE p.id = p_project AND p.paused_at IS NOT NULL);
END $$;--> statement-breakpoint
-- The same for whoever is about to make a run wait: until its transaction ends, nobody resumes who would not see it.
CREATE FUNCTION stays_paused(p_project uuid, p_workflow uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('pause/' || p_project, 0));
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('pause/' || p_workflow, 0));
  RETURN is_paused(p_project, p_workflow);
END $$;--> statement-breakpoint
-- Why a run that is about to be queued must not start yet; null when nothing is in its way. `p_behind`: another one of its
-- line is queued before it in the same statement.
CREATE FUNCTION run_waits_for(p_project uuid, p_workflow uuid, p_key text, p_paused boolean, p_behind boolean) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  paused boolean := false;
BEGIN
  IF p_paused THEN paused := stays_paused(p_project, p_workflow); END IF;
  IF p_key IS NOT NULL THEN PERFORM lock_line(p_workflow, p_key); END IF;
  IF paused THEN RETURN 'resume'; END IF;
  IF p_key IS NULL THEN RETURN NULL; END IF;
  IF p_behind OR EXISTS (
    SELECT 1 FROM runs r WHERE r.project_id = p_project AND r.workflow_id = p_workflow AND r.order_key = p_key
      AND r.state IN ('pending', 'running')
  ) THEN
    RETURN 'turn';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
-- Lets the next of a line go, unless one is under way, as whoever ends one (`p_ended`) does in the same transaction.
CREATE FUNCTION next_in_line(p_project uuid, p_workflow uuid, p_key text, p_ended uuid[])
RETURNS TABLE (id uuid, project_id uuid, workflow_id uuid, work_order_id uuid, message_id uuid, priority text, state text, asked_again int)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  next_id uuid;
BEGIN
  PERFORM lock_line(p_workflow, p_key);
  LOOP
    IF EXISTS (
      SELECT 1 FROM runs r WHERE r.project_id = p_project AND r.workflow_id = p_workflow AND r.order_key = p_key
        AND r.waits_for IS NULL AND r.state IN ('pending', 'running') AND r.id <> ALL (p_ended)
    ) THEN
      RETURN;
    END IF;
    SELECT r.id INTO next_id FROM runs r
    WHERE r.project_id = p_project AND r.workflow_id = p_workflow AND r.order_key = p_key AND r.state IN ('pending', 'running')
      AND r.id <> ALL (p_ended)
    ORDER BY r.project_id, r.workflow_id, r.order_key, r.id LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    IF is_paused(p_project, p_workflow)
      OR EXISTS (SELECT 1 FROM projects p WHERE p.id = p_project AND p.deletion_scheduled_at IS NOT NULL) THEN
      UPDATE runs r SET waits_for = 'resume' WHERE r.id = next_id AND r.waits_for = 'turn' AND r.finished_at IS NULL;
      RETURN;
    END IF;
    RETURN QUERY UPDATE runs r SET waits_for = NULL WHERE r.id = next_id AND r.waits_for IS NOT NULL AND r.finished_at IS NULL
      RETURNING r.id, r.project_id, r.workflow_id, r.work_order_id, r.message_id, r.priority, r.state, r.asked_again;
    IF FOUND THEN RETURN; END IF;
    -- It was cancelled in this very moment: somebody else is next.
  END LOOP;
END $$;--> statement-breakpoint
-- The oldest runs without a key that were kept by a pause which is over.
CREATE FUNCTION kept_runs(p_project uuid, p_count int) RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY SELECT kept.id FROM workflows w CROSS JOIN LATERAL (
    SELECT r.id FROM runs r WHERE r.project_id = p_project AND r.workflow_id = w.id AND r.state = 'pending'
      AND r.waits_for = 'resume' AND r.order_key IS NULL
    ORDER BY r.project_id, r.workflow_id, r.id LIMIT p_count
  ) kept
  WHERE w.project_id = p_project AND w.paused_at IS NULL AND EXISTS (
    SELECT 1 FROM projects p WHERE p.id = p_project AND p.paused_at IS NULL AND p.deletion_scheduled_at IS NULL
  )
  ORDER BY kept.id LIMIT p_count;
END $$;--> statement-breakpoint
-- Lines of a project behind one, and whether somebody waits there although nobody is under way: a step of their index each.
CREATE FUNCTION lines_behind(p_project uuid, p_workflow uuid, p_key text, p_count int)
RETURNS TABLE (workflow_id uuid, order_key text, is_idle boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  workflow_id := p_workflow;
  order_key := p_key;
  FOR i IN 1..p_count LOOP
    SELECT r.workflow_id, r.order_key INTO workflow_id, order_key FROM runs r
    WHERE r.project_id = p_project AND (r.workflow_id, r.order_key) > (lines_behind.workflow_id, lines_behind.order_key)
      AND r.order_key IS NOT NULL AND r.state IN ('pending', 'running')
    ORDER BY r.project_id, r.workflow_id, r.order_key LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    is_idle := NOT EXISTS (
      SELECT 1 FROM runs r WHERE r.project_id = p_project AND r.workflow_id = lines_behind.workflow_id
        AND r.order_key = lines_behind.order_key AND r.waits_for IS NULL AND r.state IN ('pending', 'running')
    );
    RETURN NEXT;
  END LOOP;
END $$;--> statement-breakpoint
-- Keeps a run that waits, and that an executor has come to, until its workflow goes on: true when it is paused.
CREATE FUNCTION hold_run(p_run uuid, p_project uuid, p_workflow uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT stays_paused(p_project, p_workflow) THEN RETURN false; END IF;
  -- Its next event has a name of its own: engines know the one that they had.
  UPDATE runs r SET waits_for = 'resume', asked_again = r.asked_again + 1
  WHERE r.id = p_run AND r.project_id = p_project AND r.started_at IS NULL AND r.finished_at IS NULL AND r.waits_for IS NULL;
  RETURN true;
END $$;--> statement-breakpoint
-- Their plans are kept for as long as a connection lasts: each statement in them has an index that serves it.
DO $$
DECLARE
  f text;
BEGIN
  FOREACH f IN ARRAY array['order_key_of(text, uuid, uuid, uuid)', 'is_paused(uuid, uuid)', 'run_waits_for(uuid, uuid, text, boolean, boolean)',
    'next_in_line(uuid, uuid, text, uuid[])', 'kept_runs(uuid, int)', 'lines_behind(uuid, uuid, text, int)', 'hold_run(uuid, uuid, uuid)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', f);
    EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off', f);
    EXECUTE format('ALTER FUNCTION %s SET enable_sort = off', f);
    EXECUTE format('ALTER FUNCTION %s SET jit = off', f);
  END LOOP;
END $$;
