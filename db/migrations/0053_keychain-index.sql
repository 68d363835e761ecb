DROP INDEX "jobs_keychain";--> statement-breakpoint
CREATE INDEX "jobs_keychain" ON "jobs" USING btree ("keychain_credential_id");