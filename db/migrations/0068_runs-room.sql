-- Rows that are changed soon after they are written: what is written of a change that stays on its page is a fraction of the row.
ALTER TABLE "runs" SET (fillfactor = 90);
