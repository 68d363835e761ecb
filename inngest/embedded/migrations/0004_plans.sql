-- Plans that stay right. The functions' plans are kept for as long as a connection lasts, also those that were made while
-- the tables were empty, when reading all of one costs least. Each statement in them has an index that serves it, in its
-- order where it wants one: so nothing is read whole, collected in bitmaps, sorted or hashed.

-- What it joined before, in an order that the planner chose, is looked up by lists of ids.
create or replace function @extschema@.complete(p_owner text, p jsonb) returns setof text language plpgsql as $$
begin
  -- What a crash of the database takes back is only delivered again, like every call that was not checkpointed.
  perform set_config('synchronous_commit', 'off', true);
  perform 1 from @extschema@.run r where r.id = any(array(select x->>'run' from jsonb_array_elements(p) x)) order by r.id for update;
  return query
    with x as materialized (select * from jsonb_to_recordset(p) x(id text, gen bigint, run text, output jsonb, stack text[])),
      q as (delete from @extschema@.queue q where q.id = any(array(select x.id from x)) and q.owner = p_owner
              and q.gen = (select x.gen from x where x.id = q.id limit 1) returning q.id),
      ended as materialized (select x.* from x where x.id = any(array(select q.id from q))),
      r as (update @extschema@.run r set status = 'completed', planned = false, started_at = coalesce(r.started_at, now()), ended_at = now(),
              (output, stack) = (select e.output, r.stack || e.stack from ended e where e.run = r.id limit 1)
            where r.id = any(array(select e.run from ended e)) and r.status = 'running' returning r.id),
      w as (delete from @extschema@.wait w where w.run_id = any(array(select r.id from r))),
      t as (delete from @extschema@.timer t where t.run_id = any(array(select r.id from r))),
      d as (delete from @extschema@.queue d where d.run_id = any(array(select r.id from r)) and d.id <> all(array(select x.id from x)))
    select q.id from q;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid from pg_proc p where p.pronamespace = '@extschema@'::regnamespace
      and p.proname in ('claim', 'take', 'save', 'retry', 'complete', 'checkpoint', 'ingest', 'release', 'sweep')
  loop
    execute format('alter function %s set enable_seqscan = off', f);
    execute format('alter function %s set enable_bitmapscan = off', f);
    execute format('alter function %s set enable_hashjoin = off', f);
    execute format('alter function %s set enable_mergejoin = off', f);
    execute format('alter function %s set enable_sort = off', f);
    execute format('alter function %s set jit = off', f);
  end loop;
end $$;
