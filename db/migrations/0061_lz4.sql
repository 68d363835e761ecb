-- Large payloads are compressed by lz4 where the server has it: a fraction of pglz' time. The embedded server says so in its
-- own file; a server that has no lz4, or a role that may not say it, stays as it is.
do $$
begin
  execute format('alter database %I set default_toast_compression = %L', current_database(), 'lz4');
exception when invalid_parameter_value or feature_not_supported or insufficient_privilege then
  null;
end
$$;
