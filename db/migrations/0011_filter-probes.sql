-- A small part of a filter: whatever contains the filter contains it. Of each key at the top the leaf that is likely to
-- tell most messages apart, texts before numbers before the rest; of a list or an empty object only that there is one.
-- Null when a filter is no object, or has nothing small.
CREATE FUNCTION filter_probe(filter jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  leaf record;
  nested jsonb;
  probe jsonb := '{}';
BEGIN
  IF filter IS NULL OR jsonb_typeof(filter) <> 'object' THEN RETURN NULL; END IF;
  FOR leaf IN
    WITH RECURSIVE node (path, value) AS (
      SELECT ARRAY[]::text[], filter
      UNION ALL
      SELECT node.path || item.key, item.value
      FROM node, jsonb_each(CASE jsonb_typeof(node.value) WHEN 'object' THEN node.value ELSE '{}' END) AS item
      WHERE cardinality(node.path) < 50
    ),
    leaves AS (
      SELECT path, CASE jsonb_typeof(value) WHEN 'array' THEN '[]' ELSE value END AS value,
        CASE jsonb_typeof(value) WHEN 'string' THEN 1 WHEN 'number' THEN 2 WHEN 'boolean' THEN 3 WHEN 'null' THEN 3 ELSE 4 END AS rank
      FROM node
      WHERE cardinality(path) > 0 AND (jsonb_typeof(value) <> 'object' OR value = '{}')
    ),
    sized AS (SELECT *, octet_length(path::text) + octet_length(value::text) AS bytes FROM leaves),
    best AS (SELECT DISTINCT ON (path[1]) * FROM sized WHERE bytes <= 200 ORDER BY path[1], rank, bytes, path)
    SELECT path, value FROM best ORDER BY rank, bytes, path LIMIT 4
  LOOP
    nested := leaf.value;
    FOR i IN REVERSE cardinality(leaf.path)..1 LOOP
      nested := jsonb_build_object(leaf.path[i], nested);
    END LOOP;
    probe := probe || nested;
  END LOOP;
  RETURN nullif(probe, '{}');
END $$;--> statement-breakpoint
-- How many items of lists a filter names: each is looked for in a whole list of the message. A filter that is no object
-- is looked for in a list, too.
CREATE FUNCTION filter_items(filter jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(sum(CASE jsonb_typeof(part) WHEN 'array' THEN jsonb_array_length(part) END), 0)::integer
    + (jsonb_typeof(filter) NOT IN ('object', 'array') AND filter IS NOT NULL)::integer
  FROM (SELECT jsonb_path_query(filter, 'strict $.**') AS part) parts
$$;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "inclusion_probe" jsonb GENERATED ALWAYS AS (filter_probe(inclusion)) STORED;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "exclusion_probe" jsonb GENERATED ALWAYS AS (filter_probe(exclusion)) STORED;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "filter_bytes" integer GENERATED ALWAYS AS (coalesce(octet_length(inclusion::text), 0) + coalesce(octet_length(exclusion::text), 0)) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "filter_items" integer GENERATED ALWAYS AS (filter_items(inclusion) + filter_items(exclusion)) STORED NOT NULL;
