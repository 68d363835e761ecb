-- Takes back a statement that was to start a run which somebody has cancelled meanwhile. Whoever asked asks again.
CREATE FUNCTION refuse_start() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RAISE EXCEPTION 'The run was changed while its first job was started.' USING ERRCODE = 'serialization_failure';
END $$;
