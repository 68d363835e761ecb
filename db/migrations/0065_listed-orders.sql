ALTER TABLE "work_orders" ADD COLUMN "listed_state" text;--> statement-breakpoint
CREATE FUNCTION listed_state_of(state text, has_issue boolean, is_clocks boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN state IN ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected') THEN state
    WHEN state = 'success' AND has_issue THEN state
    WHEN state IN ('pending', 'running') AND is_clocks THEN state
  END
$$;--> statement-breakpoint
CREATE FUNCTION list_work_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.listed_state := listed_state_of(NEW.state, NEW.has_issue, NEW.message_id IS NULL AND NEW.trigger_id IS NOT NULL);
  RETURN NEW;
END $$;--> statement-breakpoint
-- Whoever writes, also the release before. Of a message that is on its way to a success the condition is all that is evaluated.
CREATE TRIGGER list_work_order BEFORE INSERT OR UPDATE ON work_orders FOR EACH ROW
  WHEN (NEW.listed_state IS DISTINCT FROM listed_state_of(NEW.state, NEW.has_issue, NEW.message_id IS NULL AND NEW.trigger_id IS NOT NULL))
  EXECUTE FUNCTION list_work_order();--> statement-breakpoint
-- Room on each page for the next version of a row, which no index has to know of then.
ALTER TABLE "work_orders" SET (fillfactor = 90);
