ALTER TABLE "dataclips" ADD COLUMN "sealed" text;--> statement-breakpoint
CREATE INDEX "dataclips_sealed" ON "dataclips" USING btree ("id") WHERE sealed is not null;