CREATE TABLE "plan_notices" (
	"project_id" uuid NOT NULL,
	"month" date NOT NULL,
	"percent" integer NOT NULL,
	"user_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	CONSTRAINT "plan_notices_project_id_month_percent_user_id_pk" PRIMARY KEY("project_id","month","percent","user_id")
);
--> statement-breakpoint
CREATE TABLE "usage_counted" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"counted_to" uuid NOT NULL,
	CONSTRAINT "usage_counted_only" CHECK (is_only)
);
--> statement-breakpoint
CREATE TABLE "usage_days" (
	"project_id" uuid NOT NULL,
	"day" date NOT NULL,
	"runs" integer DEFAULT 0 NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "usage_days_project_id_day_pk" PRIMARY KEY("project_id","day")
);
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "runs_per_month" integer;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "runs_per_minute" integer;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "limit_kind" text DEFAULT 'soft' NOT NULL;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "rejected_for" text;--> statement-breakpoint
ALTER TABLE "plan_notices" ADD CONSTRAINT "plan_notices_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_notices" ADD CONSTRAINT "plan_notices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "plan_notices_untold" ON "plan_notices" USING btree ("claimed_at") WHERE told_at is null;--> statement-breakpoint
CREATE INDEX "plan_notices_user" ON "plan_notices" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "projects_limited" ON "projects" USING btree ("id") WHERE runs_per_month is not null;--> statement-breakpoint
CREATE INDEX "work_orders_rejected" ON "work_orders" USING btree ("project_id","id") WHERE state = 'rejected';--> statement-breakpoint
CREATE INDEX "work_orders_workflow_rejected" ON "work_orders" USING btree ("workflow_id","id") WHERE state = 'rejected';--> statement-breakpoint
CREATE INDEX "work_orders_message_rejected" ON "work_orders" USING btree ("project_id","message_id") WHERE state = 'rejected';--> statement-breakpoint
CREATE INDEX "work_orders_rejections" ON "work_orders" USING btree ("id") WHERE rejected_for is not null;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_limit_kind_word" CHECK ("limit_kind" in ('soft', 'hard'));--> statement-breakpoint
ALTER TABLE "work_orders" ADD CONSTRAINT "work_orders_rejected_for_word" CHECK ("rejected_for" in ('month', 'minute'));--> statement-breakpoint
-- Nothing is counted yet: the engine goes through what is there from the beginning.
INSERT INTO "usage_counted" ("counted_to") VALUES ('00000000-0000-0000-0000-000000000000');--> statement-breakpoint
-- The smallest UUIDv7 of a moment, and the moment of one.
CREATE FUNCTION id_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(floor(greatest(0, extract(epoch FROM moment) * 1000))::bigint), 12, '0') || '70008000000000000000')::uuid
$$;--> statement-breakpoint
CREATE FUNCTION moment_of(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;--> statement-breakpoint
-- How many runs a project has started this month (UTC), counted no further than `at_most`: what has been counted, and the
-- runs since. Plain statements of a volatile function, so that each sees what was committed until it began.
CREATE FUNCTION plan_used(of_project uuid, at_most int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  this_month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date;
  counted int;
  since uuid;
BEGIN
  SELECT coalesce((SELECT sum(u.runs) FROM usage_days u WHERE u.project_id = of_project AND u.day >= this_month), 0),
         greatest((SELECT c.counted_to FROM usage_counted c), id_at(this_month::timestamp AT TIME ZONE 'UTC'))
    INTO counted, since;
  IF counted >= at_most THEN RETURN counted; END IF;
  RETURN counted + (SELECT count(*) FROM (
    SELECT FROM runs r
    WHERE (r.project_id, r.id) >= (of_project, since) AND (r.project_id, r.id) <= (of_project, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    LIMIT at_most - counted) rest);
END $$;--> statement-breakpoint
-- How many more runs a project may start in this minute; 0 or less: none, for as many seconds and one.
CREATE FUNCTION plan_left_of_minute(of_project uuid, per_minute int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  since timestamptz := clock_timestamp() - interval '1 minute';
  started int;
  oldest uuid;
BEGIN
  SELECT count(*), (array_agg(r.id ORDER BY r.id))[1] INTO started, oldest FROM (
    SELECT r.id FROM runs r
    WHERE (r.project_id, r.id) >= (of_project, id_at(since)) AND (r.project_id, r.id) <= (of_project, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY r.project_id DESC, r.id DESC LIMIT per_minute) r;
  IF started < per_minute THEN RETURN per_minute - started; END IF;
  RETURN -floor(greatest(0, extract(epoch FROM moment_of(oldest) - since)))::int;
END $$;--> statement-breakpoint
-- How many runs a project's plan lets start now: 0 when the month's are used up; below 0 when the minute's are, for as many
-- seconds. A minute that has one left takes whatever one message, or one act, starts.
--
-- Nobody waits for anybody while many are left. Where few are, those who start runs do it one after another, each seeing what
-- the others have committed, so that none is too many. Whoever waits longer than the lock's time-out counts without its
-- turn: a transaction that stands still keeps no message out, and no two wait for each other.
--
-- The settings keep its plans right, however old they are.
CREATE FUNCTION plan_room(of_project uuid, per_month int, per_minute int) RETURNS int LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET lock_timeout = '300ms' AS $$
DECLARE
  few CONSTANT int := 1000;
  unlimited CONSTANT int := 2147483647;
  left_of_month int;
  left_of_minute int;
BEGIN
  FOR look IN 1..2 LOOP
    left_of_month := CASE WHEN per_month IS NULL THEN unlimited ELSE greatest(0, per_month - plan_used(of_project, per_month)) END;
    left_of_minute := CASE WHEN per_minute IS NULL THEN unlimited ELSE plan_left_of_minute(of_project, per_minute) END;
    EXIT WHEN look = 2 OR left_of_month = 0 OR left_of_minute <= 0 OR least(left_of_month, left_of_minute) > few;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('plan ' || of_project, 0));
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  IF left_of_month = 0 THEN RETURN 0; END IF;
  IF left_of_minute <= 0 THEN RETURN left_of_minute - 1; END IF;
  RETURN left_of_month;
END $$;
