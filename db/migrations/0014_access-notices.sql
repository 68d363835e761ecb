-- Whoever loses access is told of in the transaction that takes it, whatever statement that is: web processes end the
-- streams that ride on it (lib/live/access.ts). None of these tables is written for every message.
-- The arguments are pairs: a key of the notice, and the column of the old row that it holds.
CREATE OR REPLACE FUNCTION tell_access() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  notice jsonb := '{}';
BEGIN
  FOR i IN 0 .. TG_NARGS / 2 - 1 LOOP
    notice := notice || jsonb_build_object(TG_ARGV[2 * i], to_jsonb(OLD)->>TG_ARGV[2 * i + 1]);
  END LOOP;
  PERFORM pg_notify('access', notice::text);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER access_changed AFTER UPDATE OF role ON project_members FOR EACH ROW WHEN (old.role IS DISTINCT FROM new.role)
  EXECUTE FUNCTION tell_access('projectId', 'project_id', 'userId', 'user_id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON project_members FOR EACH ROW
  EXECUTE FUNCTION tell_access('projectId', 'project_id', 'userId', 'user_id');
--> statement-breakpoint
CREATE TRIGGER access_changed AFTER UPDATE OF revoked_at ON sessions FOR EACH ROW WHEN (old.revoked_at IS DISTINCT FROM new.revoked_at)
  EXECUTE FUNCTION tell_access('sessionId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION tell_access('sessionId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_changed AFTER UPDATE OF revoked_at ON api_tokens FOR EACH ROW WHEN (old.revoked_at IS DISTINCT FROM new.revoked_at)
  EXECUTE FUNCTION tell_access('tokenId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON api_tokens FOR EACH ROW EXECUTE FUNCTION tell_access('tokenId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_changed AFTER UPDATE OF disabled_at, deletion_scheduled_at ON users FOR EACH ROW
  WHEN ((old.disabled_at, old.deletion_scheduled_at) IS DISTINCT FROM (new.disabled_at, new.deletion_scheduled_at))
  EXECUTE FUNCTION tell_access('userId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION tell_access('userId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_changed AFTER UPDATE OF deletion_scheduled_at ON projects FOR EACH ROW
  WHEN (old.deletion_scheduled_at IS DISTINCT FROM new.deletion_scheduled_at)
  EXECUTE FUNCTION tell_access('projectId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON projects FOR EACH ROW EXECUTE FUNCTION tell_access('projectId', 'id');
