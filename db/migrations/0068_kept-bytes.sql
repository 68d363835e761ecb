-- Whose changes are entered into its indexes anew in any case, so that room on its pages serves nothing. Its index of runs by message
-- goes beside others' work: online/0068_kept-bytes.sql.
ALTER TABLE "job_states" SET (fillfactor = 100);
