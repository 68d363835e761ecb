-- The foreign key goes when the table becomes a partition (online/0070_partitions.sql). What it did when a step goes, this does.
CREATE FUNCTION delete_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step uuid;
BEGIN
  -- One by one: a plan that is kept finds the partition of one id, and of an array's none.
  FOR step IN SELECT id FROM gone LOOP
    DELETE FROM log_lines WHERE step_id = step;
  END LOOP;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER steps_gone AFTER DELETE ON "steps" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION delete_lines();
