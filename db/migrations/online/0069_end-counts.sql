-- A trigger's making waits for whoever writes to its table, and whoever writes next waits for it: so it asks again, and waits little.
DO $$
BEGIN
  FOR attempt IN 1..600 LOOP
    BEGIN
      SET LOCAL lock_timeout = '500ms';
      CREATE OR REPLACE TRIGGER count_ended_runs AFTER UPDATE ON runs REFERENCING OLD TABLE AS former NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION count_ended_runs();
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE EXCEPTION 'Somebody has written to runs for ten minutes without an end.';
END $$;--> statement-breakpoint
DO $$
BEGIN
  FOR attempt IN 1..600 LOOP
    BEGIN
      SET LOCAL lock_timeout = '500ms';
      CREATE OR REPLACE TRIGGER count_ended_steps AFTER UPDATE ON steps REFERENCING OLD TABLE AS former NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION count_ended_steps();
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE EXCEPTION 'Somebody has written to steps for ten minutes without an end.';
END $$;--> statement-breakpoint
UPDATE usage_counted SET ends_since = clock_timestamp() WHERE ends_since IS NULL;
