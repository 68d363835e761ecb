-- The statements that are hot or must be atomic, as functions in the database: one round trip, one plan.
-- Lock order everywhere: run, then its queue items, timers and waits.

-- What releases before the last one without numbered migrations left behind may have other signatures.
do $$
declare
  f regprocedure;
begin
  if obj_description('@extschema@'::regnamespace, 'pg_namespace') is distinct from 'waybill engine 30e74aad180f5efa' then
    for f in select oid from pg_proc where pronamespace = '@extschema@'::regnamespace and proname <> 'breaking_above' loop
      execute 'drop function ' || f;
    end loop;
  end if;
end $$;

create or replace function @extschema@.is_full(used jsonb, keys text[], limits int[]) returns boolean language sql immutable as $$
  select exists (select 1 from unnest(keys, limits) u(k, n) where coalesce((used->>k)::int, 0) >= n)
$$;
create or replace function @extschema@.count_in(used jsonb, keys text[]) returns jsonb language sql immutable as $$
  select used || coalesce((select jsonb_object_agg(k, coalesce((used->>k)::int, 0) + 1) from unnest(keys) k), '{}')
$$;

-- Takes up to p_room ready items. Groups take turns, starting after the one where the last claim ended; in a group the
-- most urgent come first, past those whose lane is full. So no backlog hides another. Null = this engine was declared
-- lost and must register again.
create or replace function @extschema@.claim(p_owner text, p_claim bigint, p_room int, p_fns text[], p_after text) returns jsonb language plpgsql as $$
declare
  used jsonb; group_at text := p_after; wrapped boolean := false; visited int := 0; g record; c record;
  depth int := greatest(32, 2 * p_room); v_group text; lane_at text;
  groups text[] := '{}'; spent text[] := '{}'; ids text[] := '{}'; items jsonb := '[]'; next_at timestamptz;
begin
  perform set_config('synchronous_commit', 'off', true); -- a lost claim is only claimed again
  perform pg_advisory_xact_lock(hashtextextended('@extschema@ claim', 0)); -- one claimer at a time: limits are exact
  perform 1 from @extschema@.engine where id = p_owner;
  if not found then return null; end if;
  update @extschema@.queue set ready = true where not ready and owner is null and run_at <= clock_timestamp();
  if p_room > 0 then
    select coalesce(jsonb_object_agg(k, n), '{}') into used
      from (select k, count(*) n from @extschema@.queue, unnest(keys) k where owner is not null group by k) a;
    loop
      select q.grp, q.fn, q.keys[1:q.shared] as keys, q.limits[1:q.shared] as limits into g from @extschema@.queue q
        where q.ready and q.grp > group_at order by q.grp, q.rank, q.id limit 1;
      if not found then
        exit when wrapped;
        wrapped := true; group_at := '';
        continue;
      end if;
      exit when (wrapped and g.grp > p_after) or visited >= 500;
      group_at := g.grp; visited := visited + 1;
      continue when not g.fn = any(p_fns) or @extschema@.is_full(used, g.keys, g.limits);
      groups := groups || g.grp;
      exit when cardinality(groups) >= p_room;
    end loop;
    for c in
      select x.grp, i.id, i.keys, i.limits, i.shared from unnest(groups) with ordinality x(grp, place)
        cross join lateral (
          select q.id, q.keys, q.limits, q.shared, row_number() over (order by q.rank, q.id) nth from @extschema@.queue q
            where q.ready and q.grp = x.grp order by q.rank, q.id limit depth) i
        order by i.nth, x.place
    loop
      exit when cardinality(ids) >= p_room or cardinality(spent) >= cardinality(groups);
      continue when c.grp = any(spent);
      if @extschema@.is_full(used, c.keys[1:c.shared], c.limits[1:c.shared]) then -- the rest of its group need not be asked
        spent := spent || c.grp;
        continue;
      end if;
      continue when @extschema@.is_full(used, c.keys, c.limits);
      ids := ids || c.id; used := @extschema@.count_in(used, c.keys);
    end loop;
    -- Rooms are left: look past full lanes whose backlog is longer than the depth.
    foreach v_group in array groups loop
      exit when cardinality(ids) >= p_room;
      continue when v_group = any(spent);
      perform 1 from @extschema@.queue q where q.ready and q.grp = v_group order by q.rank, q.id offset depth limit 1;
      continue when not found;
      lane_at := '';
      for i in 1..200 loop
        select q.id, q.lane, q.keys, q.limits, q.shared into c from @extschema@.queue q
          where q.ready and q.grp = v_group and q.lane <> q.grp and q.lane > lane_at and q.id <> all(ids) order by q.lane, q.rank, q.id limit 1;
        exit when not found or cardinality(ids) >= p_room or @extschema@.is_full(used, c.keys[1:c.shared], c.limits[1:c.shared]);
        lane_at := c.lane;
        continue when @extschema@.is_full(used, c.keys, c.limits);
        ids := ids || c.id; used := @extschema@.count_in(used, c.keys);
      end loop;
    end loop;
    if cardinality(ids) > 0 then
      update @extschema@.queue set owner = p_owner, gen = p_claim, ready = false where id = any(ids);
      -- A new statement, so a new snapshot: it must see all that was committed together with the items.
      select jsonb_agg(jsonb_build_object('id', q.id, 'step', q.step, 'attempt', q.attempt, 'lost', q.lost, 'gen', q.gen, 'run', to_jsonb(r) - 'output' - 'error',
          'steps', coalesce((select jsonb_object_agg(t.id, t.state) from @extschema@.step t where t.run_id = r.id and t.done), '{}')) order by array_position(ids, q.id))
        into items from @extschema@.queue q join @extschema@.run r on r.id = q.run_id where q.id = any(ids);
    end if;
  end if;
  select least((select min(run_at) from @extschema@.queue where not ready and owner is null), (select min(due_at) from @extschema@.timer where fn = any(p_fns))) into next_at;
  return jsonb_build_object('items', items, 'after', group_at, 'more', visited >= 500,
    'next', extract(epoch from next_at - clock_timestamp()) * 1000);
end $$;

-- Locks a running run and removes (or only checks) the item that speaks for it. Null = the run is over or the item is
-- somebody else's by now: the caller is a zombie and must drop its answer.
create or replace function @extschema@.take(p_run text, p_item text, p_gen bigint, p_owner text, p_keep boolean) returns jsonb language plpgsql as $$
begin
  perform 1 from @extschema@.run where id = p_run and status = 'running' for update;
  if not found then
    delete from @extschema@.queue where id = p_item and gen = p_gen and owner = p_owner;
    return null;
  end if;
  if p_item is not null then
    if p_keep then perform 1 from @extschema@.queue where id = p_item and gen = p_gen and owner = p_owner;
    else delete from @extschema@.queue where id = p_item and gen = p_gen and owner = p_owner;
    end if;
    if not found then return null; end if;
  end if;
  return (select to_jsonb(r) || jsonb_build_object('steps', coalesce(
      (select jsonb_object_agg(t.id, jsonb_build_object('op', t.op, 'race', t.race, 'done', t.done)) from @extschema@.step t where t.run_id = r.id), '{}'))
    from @extschema@.run r where r.id = p_run);
end $$;

-- Writes what an answer or a resumption changed. The run is locked by take().
create or replace function @extschema@.save(p jsonb) returns void language plpgsql as $$
declare
  v_run text := p->>'id'; v_over boolean := p->>'status' <> 'running';
begin
  update @extschema@.run set status = p->>'status', planned = (p->>'planned')::boolean, version = (p->>'version')::int,
      stack = array(select jsonb_array_elements_text(p->'stack')), output = nullif(p->'output', 'null'), error = nullif(p->'error', 'null'),
      started_at = coalesce(started_at, now()), ended_at = case when v_over then now() end
    where id = v_run;
  insert into @extschema@.step (run_id, id, op, name, race, done, state)
    select v_run, x.id, x.op, x.name, x.race, x.done, x.state
      from jsonb_to_recordset(p->'steps') x(id text, op text, name text, race boolean, done boolean, state jsonb)
    on conflict (run_id, id) do update set done = excluded.done, state = excluded.state where not step.done and excluded.done;
  if v_over then
    delete from @extschema@.queue where run_id = v_run;
    delete from @extschema@.timer where run_id = v_run;
    delete from @extschema@.wait where run_id = v_run;
    return;
  end if;
  if jsonb_array_length(p->'clear') > 0 then
    delete from @extschema@.timer where id in (select jsonb_array_elements_text(p->'clear'));
    delete from @extschema@.wait where id in (select jsonb_array_elements_text(p->'clear'));
  end if;
  insert into @extschema@.queue (id, run_id, fn, step, grp, lane, keys, limits, shared, rank, ready, run_at)
    select x.id, r.id, r.fn, x.step, r.grp, r.lane, r.keys, r.limits, r.shared, r.rank, true, now()
      from jsonb_to_recordset(p->'queue') x(id text, step text), @extschema@.run r where r.id = v_run
    on conflict (id) do nothing;
  insert into @extschema@.timer (id, run_id, fn, kind, step, due_at)
    select x.id, v_run, r.fn, x.kind, x.step, clock_timestamp() + x.delay * interval '1 ms'
      from jsonb_to_recordset(p->'timers') x(id text, kind text, step text, delay double precision), @extschema@.run r where r.id = v_run
    on conflict (id) do nothing;
  if jsonb_array_length(p->'waits') > 0 then
    insert into @extschema@.wait_path (event, path) select distinct x.event, coalesce(x.path, '')
      from jsonb_to_recordset(p->'waits') x(event text, path text) on conflict do nothing;
    insert into @extschema@.wait (id, run_id, kind, event, expr, path, value)
      select x.id, v_run, 'event', x.event, x.expr, x.path, x.value
        from jsonb_to_recordset(p->'waits') x(id text, event text, expr text, path text, value text)
      on conflict (id) do nothing;
  end if;
end $$;

create or replace function @extschema@.retry(p_item text, p_gen bigint, p_owner text, p_attempt int, p_delay double precision) returns boolean language plpgsql as $$
begin
  update @extschema@.queue set attempt = p_attempt, owner = null, ready = p_delay <= 0, run_at = clock_timestamp() + p_delay * interval '1 ms'
    where id = p_item and gen = p_gen and owner = p_owner;
  return found;
end $$;

-- Ends runs whose whole rest came back in one answer: [{id, gen, run, output, stack}].
create or replace function @extschema@.complete(p_owner text, p jsonb) returns setof text language plpgsql as $$
begin
  -- What a crash of the database takes back is only delivered again, like every call that was not checkpointed.
  perform set_config('synchronous_commit', 'off', true);
  perform 1 from @extschema@.run r where r.id in (select x->>'run' from jsonb_array_elements(p) x) order by r.id for update;
  return query
    with x as (select * from jsonb_to_recordset(p) x(id text, gen bigint, run text, output jsonb, stack text[])),
      q as (delete from @extschema@.queue q using x where q.id = x.id and q.gen = x.gen and q.owner = p_owner returning x.*),
      r as (update @extschema@.run r set status = 'completed', output = q.output, stack = r.stack || q.stack, planned = false,
              started_at = coalesce(r.started_at, now()), ended_at = now()
            from q where r.id = q.run and r.status = 'running' returning r.id),
      w as (delete from @extschema@.wait w using r where w.run_id = r.id),
      t as (delete from @extschema@.timer t using r where t.run_id = r.id),
      d as (delete from @extschema@.queue d using r where d.run_id = r.id and d.id not in (select x.id from x))
    select q.id from q;
end $$;

-- Saves finished steps in the middle of calls: [{id, gen, run, steps}]. Returns the items that are still the caller's.
create or replace function @extschema@.checkpoint(p_owner text, p jsonb) returns setof text language plpgsql as $$
declare
  c record;
begin
  for c in select * from jsonb_to_recordset(p) x(id text, gen bigint, run text, steps jsonb) order by x.run, x.id loop
    perform 1 from @extschema@.run r where r.id = c.run and r.status = 'running' for update;
    continue when not found;
    perform 1 from @extschema@.queue q where q.id = c.id and q.gen = c.gen and q.owner = p_owner;
    continue when not found;
    update @extschema@.queue q set attempt = 0, lost = 0 where q.id = c.id and (q.attempt > 0 or q.lost > 0);
    insert into @extschema@.step (run_id, id, op, name, race, done, state)
      select c.run, x.id, x.op, x.name, x.race, true, x.state
        from jsonb_to_recordset(c.steps) x(id text, op text, name text, race boolean, state jsonb)
      on conflict (run_id, id) do update set done = true, state = excluded.state where not step.done;
    update @extschema@.run r set started_at = coalesce(r.started_at, now()),
        stack = r.stack || array(select x->>'id' from jsonb_array_elements(c.steps) x where not x->>'id' = any(r.stack))
      where r.id = c.run;
    return next c.id;
  end loop;
end $$;

-- Remembers events and starts runs for those not seen before. Answers which were new, which runs were made, and how
-- waits for these event names are indexed.
create or replace function @extschema@.ingest(p_events text[], p_names text[], p_runs jsonb, p_waits jsonb, p_timers jsonb) returns jsonb language plpgsql as $$
declare
  fresh text[]; made text[] := '{}';
begin
  with i as (insert into @extschema@.event (id) select e from unnest(p_events) e order by e on conflict do nothing returning id)
    select coalesce(array_agg(id), '{}') into fresh from i;
  if jsonb_array_length(p_runs) > 0 then
    with x as (
        select * from jsonb_to_recordset(p_runs) x(id text, event text, fn text, events jsonb, invoke text, idem text, grp text, lane text, keys text[], limits int[], shared int, rank bigint, delay double precision)
          where x.event = any(fresh)),
      i as (
        insert into @extschema@.idempotency as known (fn, key, run_id, expires_at)
          select fn, idem, id, now() + interval '24 hours' from x where idem is not null order by fn, idem
          on conflict (fn, key) do update set run_id = excluded.run_id, expires_at = excluded.expires_at where known.expires_at <= now()
          returning run_id),
      r as (
        insert into @extschema@.run (id, fn, events, invoke, grp, lane, keys, limits, shared, rank)
          select id, fn, events, invoke, grp, lane, keys, limits, shared, rank from x where idem is null or id in (select run_id from i) returning id),
      q as (
        insert into @extschema@.queue (id, run_id, fn, step, grp, lane, keys, limits, shared, rank, ready, run_at)
          select x.id || '|d0', x.id, fn, 'step', grp, lane, keys, limits, shared, rank, delay <= 0, clock_timestamp() + delay * interval '1 ms' from x join r using (id))
      select coalesce(array_agg(id), '{}') into made from r;
    if jsonb_array_length(p_waits) > 0 then
      insert into @extschema@.wait_path (event, path) select distinct x.event, coalesce(x.path, '')
        from jsonb_to_recordset(p_waits) x(event text, path text) on conflict do nothing;
      insert into @extschema@.wait (id, run_id, kind, event, expr, path, value, until)
        select x.id, x.run_id, 'cancel', x.event, x.expr, x.path, x.value, now() + x.delay * interval '1 ms'
          from jsonb_to_recordset(p_waits) x(id text, run_id text, event text, expr text, path text, value text, delay double precision)
          where x.run_id = any(made);
    end if;
    if jsonb_array_length(p_timers) > 0 then
      insert into @extschema@.timer (id, run_id, fn, kind, due_at)
        select x.id, x.run_id, x.fn, x.kind, clock_timestamp() + x.delay * interval '1 ms'
          from jsonb_to_recordset(p_timers) x(id text, run_id text, fn text, kind text, delay double precision)
          where x.run_id = any(made);
    end if;
  end if;
  return jsonb_build_object('fresh', fresh, 'made', made,
    'paths', coalesce((select jsonb_agg(jsonb_build_object('event', event, 'path', path)) from @extschema@.wait_path where event = any(p_names)), '[]'));
end $$;

-- Frees what these engines held. p_lost = 1 counts it against the items: one that ends every process must end itself.
create or replace function @extschema@.release(p_engines text[], p_lost int) returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(hashtextextended('@extschema@ claim', 0));
  delete from @extschema@.engine where id = any(p_engines);
  update @extschema@.queue q set owner = null, ready = true, lost = lost + p_lost
    where q.owner is not null and not exists (select 1 from @extschema@.engine e where e.id = q.owner);
  get diagnostics n = row_count;
  return n;
end $$;

-- One bounded batch of retention. p_before is a ULID: run ids are time-ordered.
create or replace function @extschema@.sweep(p_before text, p_ended timestamptz, p_events timestamptz, p_limit int) returns int language plpgsql as $$
declare
  ids text[]; n int; total int;
begin
  perform set_config('synchronous_commit', 'off', true);
  ids := array(select id from @extschema@.run where id < p_before and status <> 'running' and ended_at < p_ended order by id limit p_limit for update skip locked);
  delete from @extschema@.step where run_id = any(ids);
  delete from @extschema@.run where id = any(ids);
  get diagnostics total = row_count;
  delete from @extschema@.event where ctid = any(array(select ctid from @extschema@.event where received_at < p_events limit p_limit));
  get diagnostics n = row_count; total := greatest(total, n);
  delete from @extschema@.idempotency where ctid = any(array(select ctid from @extschema@.idempotency where expires_at < now() limit p_limit));
  get diagnostics n = row_count; total := greatest(total, n);
  return total;
end $$;

-- Releases without numbered migrations drop and create these functions anew at their start, unless the schema's comment
-- is theirs. It is that of the last of them, whose engines work with these functions as they are ...
comment on schema @extschema@ is 'waybill engine 30e74aad180f5efa';
-- ... and for those before it this second "claim" makes `drop function claim` ambiguous, so that they refuse to start.
create or replace function @extschema@.claim() returns void language plpgsql as $$
begin
  raise exception 'This database belongs to a newer release of Waybill.';
end $$;
