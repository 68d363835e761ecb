-- Today's table becomes the first partition: of all ids up to a month ahead, so that engines of the release before, whose
-- statements take a row's place for its identity, meet no second partition with rows. Nobody waits: the bound is checked beside
-- whoever writes, and what needs the table alone is tried again each time it was not had within a tenth of a second.
DO $$
DECLARE
  tries int := 0;
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'log_lines'::regclass) = 'p' THEN
    RETURN;
  END IF;
  CREATE TABLE IF NOT EXISTS log_lines_other (LIKE log_lines INCLUDING ALL EXCLUDING CONSTRAINTS);
  COMMIT;
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '100ms', true);
      -- Where this was interrupted: the bound is a month ahead of now.
      ALTER TABLE log_lines DROP CONSTRAINT IF EXISTS log_lines_first;
      EXECUTE format('ALTER TABLE log_lines ADD CONSTRAINT log_lines_first CHECK (step_id < %L) NOT VALID',
        id_at((date_trunc('day', now() AT TIME ZONE 'UTC') + interval '31 days') AT TIME ZONE 'UTC'));
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries > 3000 THEN RAISE; END IF;
    END;
    COMMIT;
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;--> statement-breakpoint
-- Ids that no clock gave.
DO $$
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'log_lines'::regclass) = 'r' THEN
    EXECUTE (
      SELECT format('WITH far AS (DELETE FROM log_lines WHERE NOT %s RETURNING *) INSERT INTO log_lines_other SELECT * FROM far', substring(pg_get_constraintdef(oid) from '\(.*\)'))
      FROM pg_constraint WHERE conrelid = 'log_lines'::regclass AND conname = 'log_lines_first');
    COMMIT;
    ALTER TABLE log_lines VALIDATE CONSTRAINT log_lines_first;
  END IF;
END $$;--> statement-breakpoint
DO $$
DECLARE
  tries int := 0;
  bound text;
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'log_lines'::regclass) = 'p' THEN
    RETURN;
  END IF;
  SELECT substring(pg_get_constraintdef(oid) from '[0-9a-f]{8}-[0-9a-f-]{27}') INTO STRICT bound
  FROM pg_constraint WHERE conrelid = 'log_lines'::regclass AND conname = 'log_lines_first';
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '100ms', true);
      LOCK TABLE steps, log_lines IN ACCESS EXCLUSIVE MODE;
      ALTER TABLE log_lines DROP CONSTRAINT IF EXISTS log_lines_step_id_steps_id_fk;
      ALTER TABLE log_lines RENAME TO log_lines_first;
      ALTER TABLE log_lines_first RENAME CONSTRAINT log_lines_step_id_seq_pk TO log_lines_first_pkey;
      CREATE TABLE log_lines (LIKE log_lines_first INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION) PARTITION BY RANGE (step_id);
      ALTER TABLE log_lines ADD CONSTRAINT log_lines_step_id_seq_pk PRIMARY KEY (step_id, seq),
        ADD CONSTRAINT log_lines_level_word CHECK (level IN ('debug', 'info', 'success', 'warn', 'error')),
        ADD CONSTRAINT log_lines_source_word CHECK (source IN ('JOB', 'ADA', 'R/T'));
      EXECUTE format('ALTER TABLE log_lines ATTACH PARTITION log_lines_first FOR VALUES FROM (MINVALUE) TO (%L)', bound);
      ALTER TABLE log_lines_first DROP CONSTRAINT log_lines_first;
      ALTER TABLE log_lines_other ADD CONSTRAINT log_lines_level_word CHECK (level IN ('debug', 'info', 'success', 'warn', 'error')),
        ADD CONSTRAINT log_lines_source_word CHECK (source IN ('JOB', 'ADA', 'R/T'));
      ALTER TABLE log_lines ATTACH PARTITION log_lines_other DEFAULT;
      EXIT;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      tries := tries + 1;
      IF tries > 3000 THEN RAISE; END IF;
    END;
    COMMIT;
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;
