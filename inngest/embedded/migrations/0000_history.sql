-- What was applied to this schema, and what is about to be.
create schema if not exists @extschema@;

create table if not exists @extschema@.migration (
  number int primary key, name text not null, sha256 text not null, is_breaking boolean not null,
  announced_at timestamptz not null default now(), -- engines that do not know a breaking migration leave before it is applied
  applied_at timestamptz -- null: only announced; void when it is not said again for a minute
);

-- The first breaking migration after p_known, or null: an engine that knows no more than p_known must not go on.
create or replace function @extschema@.breaking_above(p_known int) returns text language sql stable as $$
  select name from @extschema@.migration
    where is_breaking and number > p_known and (applied_at is not null or announced_at > now() - interval '1 minute')
    order by number limit 1
$$;
