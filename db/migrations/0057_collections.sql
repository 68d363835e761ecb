CREATE TABLE "collection_items" (
	"id" uuid DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"contents_id" uuid NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"value" text NOT NULL,
	"bytes" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collection_items_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"contents_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"items" integer DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "emptied_collections" (
	"contents_id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "person_items" DROP CONSTRAINT "person_items_kind_word";--> statement-breakpoint
ALTER TABLE "taken_ids" DROP CONSTRAINT "taken_ids_kind_word";--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "emptied_collections" ADD CONSTRAINT "emptied_collections_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "collection_items_key" ON "collection_items" USING btree ("contents_id","key");--> statement-breakpoint
CREATE INDEX "collection_items_order" ON "collection_items" USING btree ("contents_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "collections_name" ON "collections" USING btree ("project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "collections_contents" ON "collections" USING btree ("contents_id");--> statement-breakpoint
CREATE INDEX "emptied_collections_project" ON "emptied_collections" USING btree ("project_id");--> statement-breakpoint
ALTER TABLE "person_items" ADD CONSTRAINT "person_items_kind_word" CHECK ("kind" in ('message', 'step', 'run', 'input', 'saved_input', 'cursor', 'collection_item', 'refused', 'issue', 'audit', 'bulk_act', 'notice', 'mail', 'note', 'code', 'setting'));--> statement-breakpoint
ALTER TABLE "taken_ids" ADD CONSTRAINT "taken_ids_kind_word" CHECK ("kind" in ('project', 'inbox', 'workflow', 'trigger', 'job', 'edge', 'collection'));