CREATE SEQUENCE "public"."line_touches" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "logs_gone" (
	"project_id" uuid NOT NULL,
	"before" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "logs_gone_project_id_before_pk" PRIMARY KEY("project_id","before")
);
--> statement-breakpoint
ALTER TABLE "retention_cursors" DROP CONSTRAINT "retention_cursors_kind_word";--> statement-breakpoint
ALTER TABLE "retention_left" DROP CONSTRAINT "retention_left_kind_word";--> statement-breakpoint
ALTER TABLE "retention_cursors" ADD CONSTRAINT "retention_cursors_kind_word" CHECK ("kind" in ('messages', 'outputs', 'inputs', 'logs', 'lines', 'orders', 'unmatched'));--> statement-breakpoint
ALTER TABLE "retention_left" ADD CONSTRAINT "retention_left_kind_word" CHECK ("kind" in ('messages', 'outputs', 'inputs', 'logs', 'lines', 'orders', 'unmatched'));--> statement-breakpoint
CREATE FUNCTION touch_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM nextval('line_touches');
  RETURN NULL;
END $$;
