ALTER TABLE "stored_states" VALIDATE CONSTRAINT "stored_states_of_message_parts";--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "stored_states_of_message" ON "stored_states" USING btree ("of_message") WHERE of_message is not null;--> statement-breakpoint
-- With the index, without which each message that goes would read all states; nobody refers to a message before all this is done.
-- A trigger's making waits for whoever writes to its table, and whoever writes next waits for it: so it asks again, and waits little.
DO $$
BEGIN
  FOR attempt IN 1..600 LOOP
    BEGIN
      SET LOCAL lock_timeout = '500ms';
      CREATE OR REPLACE TRIGGER body_wiped BEFORE UPDATE OF body ON messages FOR EACH ROW
        WHEN (octet_length(OLD.body) BETWEEN 256 AND 16383 AND OLD.body <> NEW.body) EXECUTE FUNCTION put_body_back();
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE EXCEPTION 'Somebody has written to messages for ten minutes without an end.';
END $$;--> statement-breakpoint
DO $$
BEGIN
  FOR attempt IN 1..600 LOOP
    BEGIN
      SET LOCAL lock_timeout = '500ms';
      CREATE OR REPLACE TRIGGER body_gone BEFORE DELETE ON messages FOR EACH ROW
        WHEN (octet_length(OLD.body) BETWEEN 256 AND 16383) EXECUTE FUNCTION put_body_back();
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE EXCEPTION 'Somebody has written to messages for ten minutes without an end.';
END $$;
