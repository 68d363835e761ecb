CREATE TABLE "credential_refreshes" (
	"credential_id" uuid PRIMARY KEY NOT NULL,
	"claim" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credential_refreshes" ADD CONSTRAINT "credential_refreshes_credential_id_credentials_id_fk" FOREIGN KEY ("credential_id") REFERENCES "public"."credentials"("id") ON DELETE cascade ON UPDATE no action;