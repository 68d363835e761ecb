CREATE TABLE "operator_conditions" (
	"name" text PRIMARY KEY NOT NULL,
	"began_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp with time zone,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "notices_claimed" ON "notices" USING btree ("claimed_at") WHERE state = 'waiting' and claimed_at is not null;