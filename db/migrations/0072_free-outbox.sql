-- What a change logs is only what differs, where the row finds room on its own page. The outbox's index of what nobody holds takes
-- the place of the one of all rows beside others' work: online/0072_free-outbox.sql.
ALTER TABLE "work_orders" SET (fillfactor = 85);--> statement-breakpoint
ALTER TABLE "job_states" SET (fillfactor = 95);
