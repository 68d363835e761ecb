-- Time-ordered ids as PostgreSQL 18 makes them. It has two functions of that name, so that looking for the name alone found none.
-- Their layout is the one that there was: milliseconds, what is left of them in 1/4096, chance.
DO $$
BEGIN
  IF to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL THEN
    CREATE OR REPLACE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT pg_catalog.uuidv7()';
  END IF;
END $$;
