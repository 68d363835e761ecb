-- Several releases may share the schema: how far each engine's release knows it, and whether that is too little.
alter table @extschema@.engine
  add column if not exists newest_known int,
  add column if not exists is_outdated boolean not null default false;
