-- The engine's tables. No foreign keys: a check per row costs more than the sweep that removes what belongs together.
-- Harmless where the tables are there already, as older releases made them.

-- Event ids seen: sending one twice is harmless until retention forgets it.
create table if not exists @extschema@.event (id text primary key, received_at timestamptz not null default now());
create index if not exists event_received on @extschema@.event (received_at); -- retention

create table if not exists @extschema@.idempotency (fn text not null, key text not null, run_id text not null, expires_at timestamptz not null, primary key (fn, key));
create index if not exists idempotency_expiry on @extschema@.idempotency (expires_at); -- retention

create table if not exists @extschema@.run (
  id text primary key, fn text not null, events jsonb not null, status text not null default 'running',
  stack text[] not null default '{}', planned boolean not null default false, version int not null default -1,
  output jsonb, error jsonb, invoke text, grp text not null, lane text not null, keys text[] not null, limits int[] not null, shared int not null, rank bigint not null,
  created_at timestamptz not null default now(), started_at timestamptz, ended_at timestamptz
) with (fillfactor = 70); -- finishing a run changes no indexed column, so it stays on its page; retention walks the time-ordered id

create table if not exists @extschema@.step (
  run_id text not null, id text not null, op text not null, name text, race boolean not null default false,
  done boolean not null default false, state jsonb, primary key (run_id, id));

create table if not exists @extschema@.wait (
  id text primary key, run_id text not null, kind text not null, event text not null, expr text, path text, value text, until timestamptz);
create index if not exists wait_event on @extschema@.wait (event, path, value); -- an event looks for those who wait for it
create index if not exists wait_run on @extschema@.wait (run_id); -- a run ends
create table if not exists @extschema@.wait_path (event text not null, path text not null, primary key (event, path));

create table if not exists @extschema@.queue (
  id text primary key, run_id text not null, fn text not null, step text not null,
  grp text not null, lane text not null, keys text[] not null, limits int[] not null, shared int not null, rank bigint not null,
  attempt int not null default 0, lost int not null default 0, ready boolean not null, run_at timestamptz not null,
  gen bigint not null default 0, owner text
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- Installations of before there were groups.
alter table @extschema@.run add column if not exists grp text not null default '', add column if not exists shared int not null default 0;
update @extschema@.run set grp = lane where grp = '';
alter table @extschema@.queue add column if not exists grp text not null default '', add column if not exists shared int not null default 0;
update @extschema@.queue set grp = lane where grp = '';
drop index if exists @extschema@.queue_ready;
create index if not exists queue_ready on @extschema@.queue (grp, rank, id) where ready; -- claim: next of a group
create index if not exists queue_lane on @extschema@.queue (grp, lane, rank, id) where ready and lane <> grp; -- claim: past a blocked lane
create index if not exists queue_later on @extschema@.queue (run_at) where not ready and owner is null; -- retries and delayed events
create index if not exists queue_owner on @extschema@.queue (owner) where owner is not null; -- what counts against the limits
create index if not exists queue_run on @extschema@.queue (run_id); -- a run ends

create table if not exists @extschema@.timer (
  id text primary key, run_id text, fn text not null, kind text not null, step text not null default '', due_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index if not exists timer_due on @extschema@.timer (due_at); -- what is due
create index if not exists timer_run on @extschema@.timer (run_id); -- a run ends

create table if not exists @extschema@.engine (
  id text primary key, machine text not null, pid int not null, pid_started text not null, started_at timestamptz not null default now(),
  beat_at timestamptz not null default now(), in_flight int not null default 0, calls bigint not null default 0
);
