-- What a message said is not stored again in a state that repeats it: the table gets another name, and the old one is a view
-- that puts both together. So whoever reads states, also of a release before, reads what the job returned, and what he
-- writes is stored whole.
ALTER TABLE "dataclips" RENAME TO "stored_states";--> statement-breakpoint
ALTER INDEX "dataclips_pkey" RENAME TO "stored_states_pkey";--> statement-breakpoint
ALTER TABLE "stored_states" RENAME CONSTRAINT "dataclips_type_word" TO "stored_states_type_word";--> statement-breakpoint
ALTER TABLE "stored_states" RENAME CONSTRAINT "dataclips_wiped_for_word" TO "stored_states_wiped_for_word";--> statement-breakpoint
ALTER TABLE "stored_states" ADD COLUMN "of_message" uuid;--> statement-breakpoint
ALTER TABLE "stored_states" ADD COLUMN "text_before" text;--> statement-breakpoint
ALTER TABLE "stored_states" ADD COLUMN "text_after" text;--> statement-breakpoint
-- Of what there was before it holds: the columns are new.
ALTER TABLE "stored_states" ADD CONSTRAINT "stored_states_of_message_parts" CHECK (case when of_message is null then text_before is null and text_after is null
        else text_before is not null and text_after is not null and body is null and sealed is null and wiped_at is null end) NOT VALID;--> statement-breakpoint
CREATE VIEW dataclips AS
  SELECT s.id, s.project_id, s.type, s.name,
    CASE WHEN s.of_message IS NULL THEN s.body ELSE s.text_before || (
      SELECT convert_from(m.body, 'UTF8') FROM messages m WHERE m.id = s.of_message AND m.project_id = s.project_id
    ) || s.text_after END AS body,
    s.sealed, s.size, s.wiped_at, s.wiped_for, s.created_at,
    s.ctid -- which a purge of the release before asks for
  FROM stored_states s;--> statement-breakpoint
ALTER VIEW dataclips ALTER COLUMN id SET DEFAULT uuid_v7();--> statement-breakpoint
ALTER VIEW dataclips ALTER COLUMN created_at SET DEFAULT now();--> statement-breakpoint
CREATE FUNCTION write_dataclip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO stored_states (id, project_id, type, name, body, sealed, size, wiped_at, wiped_for, created_at)
    VALUES (NEW.id, NEW.project_id, NEW.type, NEW.name, NEW.body, NEW.sealed, NEW.size, NEW.wiped_at, NEW.wiped_for, NEW.created_at);
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    UPDATE stored_states SET id = NEW.id, project_id = NEW.project_id, type = NEW.type, name = NEW.name, body = NEW.body, sealed = NEW.sealed,
      size = NEW.size, wiped_at = NEW.wiped_at, wiped_for = NEW.wiped_for, created_at = NEW.created_at,
      of_message = NULL, text_before = NULL, text_after = NULL
    WHERE id = OLD.id;
    RETURN CASE WHEN FOUND THEN NEW END;
  END IF;
  DELETE FROM stored_states WHERE id = OLD.id;
  RETURN CASE WHEN FOUND THEN OLD END;
END $$;--> statement-breakpoint
CREATE TRIGGER dataclip_written INSTEAD OF INSERT OR UPDATE OR DELETE ON dataclips FOR EACH ROW EXECUTE FUNCTION write_dataclip();--> statement-breakpoint
-- Before the body of a message goes, in whatever way, the states that refer to it get it back. A function's plan may be as old as the
-- empty table.
CREATE FUNCTION put_body_back() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  UPDATE stored_states s SET body = s.text_before || convert_from(OLD.body, 'UTF8') || s.text_after, of_message = NULL, text_before = NULL, text_after = NULL
  WHERE s.of_message = OLD.id AND s.project_id = OLD.project_id;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
