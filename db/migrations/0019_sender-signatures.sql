ALTER TABLE "auth_methods" DROP CONSTRAINT "auth_methods_type_word";--> statement-breakpoint
ALTER TABLE "auth_methods" ADD COLUMN "signature" jsonb;--> statement-breakpoint
ALTER TABLE "auth_methods" ADD COLUMN "signature_secret" text;--> statement-breakpoint
ALTER TABLE "auth_methods" ADD CONSTRAINT "auth_methods_type_word" CHECK ("type" in ('basic', 'api', 'hmac'));