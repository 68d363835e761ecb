ALTER TABLE "projects" ADD COLUMN "require_second_factor" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- Streams end for whom the project begins to ask for more, and for who gives the second factor up (access-notices).
CREATE TRIGGER access_narrowed AFTER UPDATE OF require_second_factor ON projects FOR EACH ROW
  WHEN (old.require_second_factor IS DISTINCT FROM new.require_second_factor)
  EXECUTE FUNCTION tell_access('projectId', 'id');
--> statement-breakpoint
CREATE TRIGGER access_ended AFTER DELETE ON second_factors FOR EACH ROW EXECUTE FUNCTION tell_access('userId', 'user_id');
