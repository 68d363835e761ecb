CREATE TABLE "adaptor_artefacts" (
	"hash" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"version" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "adaptor_artefacts_version" ON "adaptor_artefacts" USING btree ("name","version");