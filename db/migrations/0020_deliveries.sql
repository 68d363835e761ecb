CREATE TABLE "deliveries" (
	"url_id" uuid NOT NULL,
	"delivery_id" "bytea" NOT NULL,
	"content" "bytea" NOT NULL,
	"project_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"times" integer DEFAULT 1 NOT NULL,
	"is_reused" boolean DEFAULT false NOT NULL,
	"first_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deliveries_url_id_delivery_id_content_pk" PRIMARY KEY("url_id","delivery_id","content")
);
--> statement-breakpoint
CREATE INDEX "deliveries_message" ON "deliveries" USING btree ("project_id","message_id");--> statement-breakpoint
CREATE INDEX "deliveries_over" ON "deliveries" USING btree ("first_at") WHERE times = 1 and not is_reused;