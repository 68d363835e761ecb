ALTER TABLE "messages" DROP CONSTRAINT "messages_format_word";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reading" jsonb;--> statement-breakpoint
-- Not validated, which would read every message: what is there has one of the fewer words of before.
ALTER TABLE "messages" ADD CONSTRAINT "messages_format_word" CHECK ("format" in ('json', 'form', 'multipart', 'xml', 'text', 'binary', 'empty')) NOT VALID;
