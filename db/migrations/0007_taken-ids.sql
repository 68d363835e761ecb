CREATE TABLE "taken_ids" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "taken_ids_kind_word" CHECK ("kind" in ('project', 'inbox', 'workflow', 'trigger', 'job', 'edge'))
);
--> statement-breakpoint
-- What is in use belongs to whoever uses it, addresses of projects before all else.
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "id", "id", 'project' FROM "projects" ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "inbox_id", "id", 'inbox' FROM "projects" ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "id", "project_id", 'workflow' FROM "workflows" ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "id", "project_id", 'trigger' FROM "triggers" ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "id", "project_id", 'job' FROM "jobs" ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "taken_ids" ("id", "project_id", "kind") SELECT "id", "project_id", 'edge' FROM "edges" ON CONFLICT DO NOTHING;--> statement-breakpoint
-- A trigger with the id of a project's inbox: the project keeps it. The trigger is removed, so that nothing is delivered
-- to it once the project's URL is replaced; its workflow stays as it is and can be saved when that trigger has a new id.
DELETE FROM "triggers" t USING "taken_ids" i WHERE i."id" = t."id" AND i."kind" IN ('project', 'inbox');--> statement-breakpoint
-- What was removed belongs to the project that had it last, as its versions tell. Replaced inbox ids are written nowhere.
INSERT INTO "taken_ids" ("id", "project_id", "kind")
SELECT (item->>'id')::uuid, s."project_id", kind
FROM "snapshots" s, (VALUES ('trigger', 'triggers'), ('job', 'jobs'), ('edge', 'edges')) AS k (kind, list),
  jsonb_array_elements(s."graph"->k.list) AS item
ORDER BY s."id" DESC ON CONFLICT DO NOTHING;--> statement-breakpoint
-- A project that was deleted: its record is still there.
INSERT INTO "taken_ids" ("id", "project_id", "kind")
SELECT DISTINCT "project_id", "project_id", 'project' FROM "audit_events" WHERE "project_id" IS NOT NULL ON CONFLICT DO NOTHING;
