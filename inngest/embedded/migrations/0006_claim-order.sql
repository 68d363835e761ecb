-- A claim reads what it takes, however much waits and whatever statistics say of it. Where columns are said to be equal to
-- something, PostgreSQL leaves them out of the order that it looks for: then the primary key has it, too, and seems the
-- cheaper one where much waits, although everything that waits is read through it. So they are compared together, from which and to
-- which, and only the index of what waits has that order.
create or replace function @extschema@.claim_runs(
  p_owner text, p_done bigint[], p_room int, p_after uuid, p_limit int, p_heads int[], p_known jsonb
) returns jsonb language plpgsql as $$
declare
  lowest constant uuid := '00000000-0000-0000-0000-000000000000';
  highest constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  depth constant int := greatest(32, 2 * p_room);
  late constant bigint := 200;
  v_at uuid := p_after; v_wrapped boolean := false; v_visited int := 0; v_missed boolean := false; v_projects int := 0;
  v_hot uuid[]; v_next_hot uuid; v_project uuid; v_of jsonb; v_known jsonb := '{}';
  v_count int; v_held bigint[]; v_flows uuid[]; v_to bigint; v_free int; v_limit int; v_others int; v_own int; v_room int;
  v_mine bigint[]; v_from jsonb; v_seen int; v_is_past boolean; v_flow uuid; v_id bigint; c record;
  v_ids bigint[] := '{}'; v_nth int[] := '{}'; v_place int[] := '{}'; v_items jsonb := '[]'; v_due timestamptz;
begin
  perform set_config('synchronous_commit', 'off', true); -- a lost claim is only claimed again, and what is over found to be so
  delete from outbox where id = any(p_done) and held_by = p_owner;
  perform pg_advisory_xact_lock_shared(hashtextextended('@extschema@ presence', 0)); -- release() waits for us
  perform 1 from @extschema@.engine where id = p_owner;
  if not found then return null; end if;
  update outbox set not_before = null where id = any(array(
    select o.id from outbox o where o.held_by is null and o.not_before <= clock_timestamp() order by o.not_before limit 500 for update skip locked));
  if p_room > 0 then
    v_hot := array(select k::uuid from jsonb_object_keys(p_known) k order by 1);
    loop
      v_next_hot := (select h from unnest(v_hot) h where h > v_at order by h limit 1);
      v_project := coalesce((select o.project_id from outbox o
        where o.event = 'run/requested' and o.held_by is null and o.not_before is null
          and o.project_id > v_at and o.project_id < coalesce(v_next_hot, highest)
        order by o.project_id limit 1), v_next_hot);
      if v_project is null then
        exit when v_wrapped;
        v_wrapped := true; v_at := lowest;
        continue;
      end if;
      exit when v_wrapped and v_project > p_after;
      exit when v_visited >= 200 or v_projects >= p_room;
      v_at := v_project; v_visited := v_visited + 1;
      if not pg_try_advisory_xact_lock(hashtextextended('@extschema@ runs ' || v_project, 0)) then
        v_missed := true;
        continue;
      end if;
      v_of := coalesce(p_known->(v_project::text), '{}');
      v_from := coalesce(v_of->'from', '{}');
      v_to := coalesce((v_of->>'to')::bigint, 0);

      select count(*), coalesce(array_agg(h.id), '{}'), coalesce(array_agg(h.workflow_id) filter (where not h.skips), '{}'), greatest(v_to, max(h.claim_no))
        into v_count, v_held, v_flows, v_to
        from (
          select o.id, o.workflow_id, o.claim_no, coalesce((o.data->>'skipsLane')::boolean, false) as skips from outbox o
            where o.id = any(array(select x::bigint from jsonb_array_elements_text(v_of->'held') x)) and o.held_by is not null
          union
          select o.id, o.workflow_id, o.claim_no, coalesce((o.data->>'skipsLane')::boolean, false) from outbox o
            where o.project_id = v_project and o.held_by is not null and o.claim_no > v_to
        ) h;
      v_free := least(p_limit - v_count, p_room);
      v_mine := '{}';
      if v_free > 0 then
        v_limit := (select p.concurrency from projects p where p.id = v_project);
        v_others := case when v_limit is not null then (select count(*) from unnest(v_flows) f
          where not exists (select 1 from workflows w where w.id = f and w.project_id = v_project and w.concurrency is not null)) end;
        v_is_past := false;
        v_seen := 0;
        for c in
          select o.id, o.workflow_id, o.head_start, o.skips, row_number() over (partition by o.head_start order by o.id) as nth
            from unnest(p_heads) x(head) cross join lateral (
              select o.id, o.workflow_id, o.created_at, o.head_start, coalesce((o.data->>'skipsLane')::boolean, false) as skips from outbox o
                where o.event = 'run/requested' and o.held_by is null and o.not_before is null
                  and (o.project_id, o.head_start, o.id) >= (v_project, x.head, coalesce((v_from->>(x.head::text))::bigint, 0))
                  and (o.project_id, o.head_start) <= (v_project, x.head)
                order by o.project_id, o.head_start, o.id limit depth) o
            order by o.created_at - o.head_start * interval '1 second', o.id
        loop
          if c.nth = 1 then v_from := v_from || jsonb_build_object(c.head_start, greatest(0, c.id - late)); end if;
          v_seen := greatest(v_seen, c.nth);
          continue when cardinality(v_mine) >= v_free;
          if not c.skips then
            v_own := (select w.concurrency from workflows w where w.id = c.workflow_id and w.project_id = v_project);
            if coalesce(cardinality(array_positions(v_flows, c.workflow_id)) >= v_own, v_own is null and v_others >= v_limit, false) then
              v_is_past := true;
              continue;
            end if;
            v_flows := v_flows || c.workflow_id;
            if v_own is null then v_others := v_others + 1; end if;
          end if;
          v_mine := v_mine || c.id;
        end loop;
        -- Places are left behind full workflows whose backlog is longer than the depth.
        if v_is_past and v_seen >= depth then
          v_flow := lowest;
          for i in 1..200 loop
            exit when cardinality(v_mine) >= v_free;
            v_flow := (select o.workflow_id from outbox o
              where o.event = 'run/requested' and o.held_by is null and o.not_before is null and o.project_id = v_project and o.workflow_id > v_flow
              order by o.workflow_id limit 1);
            exit when v_flow is null;
            v_own := (select w.concurrency from workflows w where w.id = v_flow and w.project_id = v_project);
            v_room := least(v_free - cardinality(v_mine),
              coalesce(v_own - cardinality(array_positions(v_flows, v_flow)), v_limit - v_others, v_free));
            continue when v_room <= 0;
            for v_id in
              select o.id from outbox o
                where o.event = 'run/requested' and o.held_by is null and o.not_before is null
                  and (o.project_id, o.workflow_id) >= (v_project, v_flow) and (o.project_id, o.workflow_id) <= (v_project, v_flow)
                  and o.id <> all(v_mine)
                order by o.project_id, o.workflow_id, o.id limit v_room
            loop
              v_mine := v_mine || v_id;
              v_flows := v_flows || v_flow;
              if v_own is null then v_others := v_others + 1; end if;
            end loop;
          end loop;
        end if;
      end if;
      v_known := v_known || jsonb_build_object(v_project, jsonb_build_object('from', v_from, 'to', v_to, 'held', to_jsonb(v_held)));
      if cardinality(v_mine) > 0 then
        v_projects := v_projects + 1;
        v_ids := v_ids || v_mine;
        v_nth := v_nth || array(select generate_series(1, cardinality(v_mine)));
        v_place := v_place || array_fill(v_projects, array[cardinality(v_mine)]);
      end if;
    end loop;
    if cardinality(v_ids) > 0 then
      v_ids := array(select u.id from unnest(v_ids, v_nth, v_place) u(id, nth, place) order by u.nth, u.place limit p_room);
      with taken as (
        update outbox o set held_by = p_owner, claim_no = nextval('outbox_claims') where o.id = any(v_ids) and o.held_by is null
        returning o.id, o.project_id, o.data->>'runId' as run_id, o.attempt, o.lost
      )
      select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'projectId', t.project_id, 'runId', t.run_id, 'attempt', t.attempt, 'lost', t.lost)
          order by array_position(v_ids, t.id)), '[]')
        into v_items from taken t;
    end if;
  end if;
  v_due := (select o.not_before from outbox o where o.held_by is null and o.not_before is not null order by o.not_before limit 1);
  return jsonb_build_object('items', v_items, 'after', v_at, 'more', v_missed or v_visited >= 200, 'known', v_known,
    'next', extract(epoch from v_due - clock_timestamp()) * 1000);
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid from pg_proc p where p.pronamespace = '@extschema@'::regnamespace and p.proname = 'claim_runs'
  loop
    execute format('alter function %s set enable_seqscan = off', f);
    execute format('alter function %s set enable_bitmapscan = off', f);
    execute format('alter function %s set enable_hashjoin = off', f);
    execute format('alter function %s set enable_mergejoin = off', f);
    execute format('alter function %s set enable_sort = off', f);
    execute format('alter function %s set enable_incremental_sort = off', f);
    execute format('alter function %s set jit = off', f);
    -- None of its plans depends on the values, and making one costs more than carrying it out.
    execute format('alter function %s set plan_cache_mode = force_generic_plan', f);
  end loop;
end $$;
