CREATE TABLE "reveals" (
	"id" uuid PRIMARY KEY DEFAULT uuid_v7() NOT NULL,
	"project_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"message_id" uuid,
	"work_order_id" uuid,
	"reason" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reveals_one_subject" CHECK (num_nonnulls(message_id, work_order_id) = 1)
);
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "protection" jsonb;--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reveals_person" ON "reveals" USING btree ("project_id","user_id","ends_at");--> statement-breakpoint
CREATE INDEX "reveals_message" ON "reveals" USING btree ("project_id","message_id","id") WHERE message_id is not null;--> statement-breakpoint
CREATE INDEX "reveals_work_order" ON "reveals" USING btree ("project_id","work_order_id","id") WHERE work_order_id is not null;--> statement-breakpoint
CREATE INDEX "reveals_user" ON "reveals" USING btree ("user_id");