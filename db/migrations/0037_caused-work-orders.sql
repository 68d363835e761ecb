ALTER TABLE "work_orders" ADD COLUMN "caused_by_step_id" uuid;--> statement-breakpoint
CREATE INDEX "work_orders_caused" ON "work_orders" USING btree ("caused_by_step_id") WHERE caused_by_step_id is not null;--> statement-breakpoint
CREATE INDEX "triggers_source" ON "triggers" USING btree ("source_job_id") WHERE source_job_id is not null;--> statement-breakpoint
-- `order_key_in` of a state that is at hand as text. What cannot be read has no key.
CREATE FUNCTION order_key_in_state(p_path text, p_state text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  input jsonb;
BEGIN
  input := p_state::jsonb;
  RETURN order_key_in(p_path, input->'data', input->'request');
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $$;
