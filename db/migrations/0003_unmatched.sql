ALTER TABLE "messages" ADD COLUMN "matches" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_unmatched" ON "messages" USING btree ("project_id","id" DESC NULLS LAST) WHERE matches = 0;--> statement-breakpoint
CREATE INDEX "messages_resends" ON "messages" USING btree ("resent_from") WHERE resent_from is not null;