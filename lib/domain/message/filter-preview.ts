import { sql } from "drizzle-orm";
import { z } from "zod";
import { stopIfHungUp } from "@/db/deadline";
import { keyset } from "@/db/keyset";
import { iso, queryOf, rows } from "@/db/rows";
import { statement } from "@/db/statement";
import { matchableText, type StoredBody } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { anyJson, moment, unstorable } from "@/lib/domain/fields";
import { heavyReadOfOne } from "@/lib/domain/heavy-read";
import { asksForMasked } from "@/lib/domain/mask/asks";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { openVeil, type Veil } from "@/lib/domain/mask/veil";
import { requirePermission } from "@/lib/domain/permissions";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";
import { jsonShape } from "@/lib/json-shape";
import { limits, refuseGrowth, utf8Bytes } from "@/lib/limits";
import { type Placed, withBodies } from "@/lib/payloads/read";
import { contains } from "@/lib/queue/fragments";
import { shortJson, shortText } from "@/lib/short-json";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import { isStorable } from "@/lib/text";
import { type Condition, conditionsOf, filterOf } from "@/lib/workflow/filter/conditions";
import { messageRows } from "./list";

/** The newest messages of a project that a filter is tried on. */
export const previewedMessages = 1_000;
/** More conditions count only together. */
export const toldConditions = 50;
/** Of those that match, and of the others. */
const shownSamples = 5;
/** What is read at most before it is said that not all were: stored bytes, and milliseconds. */
export const previewBounds = { bytes: 16_000_000, ms: 4_000 };
const batchBytes = 1_000_000;
const batchItems = 100;
const maxValueChars = 200;

const filter: z.ZodType<ExactJson> = anyJson.refine(isStorable, unstorable);

export const filterPreviewInput = z.strictObject({
  inclusion: filter.nullable().default(null),
  exclusion: filter.nullable().default(null),
});

const count = (description: string) => z.int().nonnegative().meta({ description });

export const stoppingCondition = z
  .strictObject({
    filter: z.enum(["inclusion", "exclusion"]),
    path: z.array(z.string().nullable()).meta({
      description:
        "Keys from the message's root to what is asked for; null is any item of a list. Empty for the exclusion, which counts as a whole.",
    }),
    wanted: z.string().meta({ description: "JSON text of what is asked for there, cut when it is long." }),
    count: count(
      "Messages that it stops: which do not have what the inclusion asks for here, or have all of the exclusion.",
    ),
    alone: count("Those of them that nothing else of the filter stops."),
    absent: count("Those of them in which nothing stands at the path."),
  })
  .meta({ id: "StoppingCondition" });

export const filterPreview = z
  .strictObject({
    masked: z.boolean().meta({
      description: "The filter asks for what is masked for your role, so nothing is compared.",
    }),
    newest: count(`Of the project's newest ${previewedMessages} messages, those that were looked at.`),
    isCut: z.boolean().meta({
      description: "Older ones of these were not looked at: there was too much to read at once.",
    }),
    examined: count("Messages to the inbox URL that were compared."),
    elsewhere: count("Messages to a webhook's own URL, of which no filter is asked."),
    wiped: count("Messages whose content is not kept any more."),
    unread: count("Messages whose content coding cannot be undone here."),
    tests: count("Messages to the test URL of a draft, which start no live workflow."),
    matching: count("Compared messages that match."),
    stoppedBy: z.array(stoppingCondition).meta({
      description: `The first ${toldConditions} conditions of the inclusion in its order, and the exclusion.`,
    }),
    more: count("Conditions beyond the first, which count only together."),
    samples: z.array(
      z.strictObject({
        messageId: z.uuid(),
        receivedAt: moment,
        preview: z.string(),
        matches: z.boolean(),
        stops: z
          .int()
          .nullable()
          .meta({ description: "Which of `stoppedBy` is the first that stops it, by its place there." }),
      }),
    ),
  })
  .meta({ id: "FilterPreview" });
export type FilterPreview = z.infer<typeof filterPreview>;

type Filters = z.output<typeof filterPreviewInput>;

/**
 * How many of the project's newest messages a filter would take, and what of it stops the others: by the statement that
 * decides about messages as they come. Whoever has something masked compares with what they are shown. Throws `invalid`
 * for a filter that is larger than a saved one may be, and `limit` while another preview of the same person is under way.
 */
export async function previewFilter(
  ctx: Context,
  input: z.input<typeof filterPreviewInput>,
): Promise<FilterPreview> {
  requirePermission(ctx, "workflow.write");
  requirePermission(ctx, "message.read");
  const filters = filterPreviewInput.parse(input);
  refuseLarge(filters);
  return heavyReadOfOne(ctx, () => preview(ctx, filters));
}

function refuseLarge({ inclusion, exclusion }: Filters): void {
  const texts = [inclusion, exclusion].map((one) => (one === null ? "" : stringifyExact(one)));
  const shapes = texts.map((text) => jsonShape(text, { levels: limits.requestLevels + 2 }));
  const sum = (of: number[]) => of.reduce((total, one) => total + one, 0);
  refuseGrowth("filterBytes", sum(texts.map(utf8Bytes)), 0, "The filter");
  refuseGrowth("filterLevels", Math.max(...shapes.map(({ levels }) => levels)), 0, "The filter");
  const items = sum(
    [inclusion, exclusion]
      .flatMap(conditionsOf)
      .map(({ path, wanted }) => itemsIn(wanted) + (path.includes(null) ? 1 : 0)),
  );
  refuseGrowth("projectFilterItems", items, 0, "The filter");
}

const itemsIn = (value: ExactJson): number =>
  typeof value !== "object" || value === null
    ? 0
    : Object.values(value).reduce<number>(
        (sum, one) => sum + itemsIn(one),
        Array.isArray(value) ? value.length : 0,
      );

async function preview(ctx: Context, filters: Filters): Promise<FilterPreview> {
  const conditions = conditionsOf(filters.inclusion);
  const told = conditions.slice(0, toldConditions);
  const mask = await maskFor(ctx);
  const tally = new Tally(told, filters.exclusion, conditions.length - told.length);
  if (mask && [filters.inclusion, filters.exclusion].some((one) => asksForMasked(one, mask.paths)))
    return { ...tally.result, masked: true, samples: [] };
  const newest = await newestOf(ctx);
  const endsAt = performance.now() + previewBounds.ms;
  let bytes = 0;
  let next = 0;
  for (let batch = batchAt(newest, 0); batch.length > 0; batch = batchAt(newest, next)) {
    const more = batch.reduce((sum, one) => sum + one.bytes, 0);
    if (next > 0 && (bytes + more > previewBounds.bytes || performance.now() > endsAt)) break;
    stopIfHungUp();
    await compare(ctx, { batch, filters, told, mask, tally });
    bytes += more;
    next += batch.length;
  }
  const { result } = tally;
  return {
    ...result,
    newest: next,
    isCut: next < newest.length,
    samples: await samplesOf(ctx, tally.samples),
  };
}

type Found = { id: string; kind: "compared" | "elsewhere" | "wiped" | "tests"; bytes: number };

function newestOf(ctx: Context): Promise<Found[]> {
  const ofProject = keyset([[sql`project_id`, ctx.project.id]], sql`id`);
  return rows<Found>(
    ctx.db,
    sql`select id, (case when payload is null then octet_length(body) else size end + coalesce(pg_column_size(view), 0))::float8 as bytes,
          case when source = 'test' then 'tests' when trigger_id is not null then 'elsewhere' when wiped_at is not null then 'wiped'
            else 'compared' end as kind
        from messages where ${ofProject.where} order by ${ofProject.newestFirst} limit ${previewedMessages}`,
  );
}

/** The next few, at least one where there are any. */
function batchAt(newest: Found[], start: number): Found[] {
  let bytes = 0;
  const end = newest.slice(start, start + batchItems).findIndex((one, at) => {
    if (one.kind === "compared") bytes += one.bytes;
    return at > 0 && bytes > batchBytes;
  });
  return newest.slice(start, end < 0 ? start + batchItems : start + end);
}

type Comparing = { batch: Found[]; filters: Filters; told: Condition[]; mask: Mask | null; tally: Tally };

async function compare(ctx: Context, { batch, filters, told, mask, tally }: Comparing): Promise<void> {
  for (const { kind } of batch) if (kind !== "compared") tally.pass(kind);
  const ids = batch.filter(({ kind }) => kind === "compared").map(({ id }) => id);
  if (ids.length === 0) return;
  const stored = await queryOf(ctx.db)<StoredBody & Placed & { id: string; view: string | null }>(
    "select id, format, body, payload, reading, view::text as view from messages where project_id = $1 and id = any($2::uuid[]) and wiped_at is null order by id desc",
    [ctx.project.id, ids],
  );
  await withBodies(queryOf(ctx.db), ctx.project.id, stored);
  const veilOf = mask && (await mask.veils(stored.map(({ id }) => ({ messageId: id }))));
  const contents: string[] = [];
  const read: string[] = [];
  for (const { id, ...one } of stored) {
    const content = await matchableText(one).catch(() => null);
    if (content === null) tally.pass("unread");
    else {
      contents.push(behind(veilOf ? veilOf({ messageId: id }) : openVeil, sqlJsonText(content)));
      read.push(id);
    }
  }
  const outcomes = await queryOf(ctx.db)<Outcome>(
    comparing.text,
    comparing.values({
      contents,
      inclusion: textOf(filters.inclusion),
      exclusion: textOf(filters.exclusion),
      wanted: told.map((one) => textOf(filterOf([one])) ?? "{}"),
      paths: told.map(({ path }) => sqlJson(path.slice(0, keysIn(path)))),
    }),
  );
  for (const outcome of outcomes) tally.add(read[outcome.nth - 1] ?? "", outcome);
}

/** What stands at a list's items is not told: they are the same list. */
const keysIn = (path: Condition["path"]): number => (path.includes(null) ? path.indexOf(null) : path.length);

/** What a message means to whoever is behind the veil, as JSON text. */
function behind(veil: Veil, content: string): string {
  if (veil.isOpen) return content;
  const shown = parseExact(veil.state(`{"data":${content}}`));
  const data = typeof shown === "object" && shown !== null && "data" in shown ? shown.data : shown;
  return sqlJsonText(stringifyExact(data));
}

const textOf = (one: ExactJson | null): string | null =>
  one === null ? null : sqlJsonText(stringifyExact(one));

type Outcome = { nth: number; included: boolean; excluded: boolean; failed: number[]; absent: number[] };

type Parameters = {
  contents: string[];
  inclusion: string | null;
  exclusion: string | null;
  wanted: string[];
  paths: string[];
};

/** The expressions that matching uses, of a trigger that is not stored. */
const comparing = statement<Parameters>(
  (p) => `
with t as materialized (
  select inclusion, exclusion, filter_probe(inclusion) as inclusion_probe, filter_probe(exclusion) as exclusion_probe
  from (select (${p.inclusion}::text)::jsonb as inclusion, (${p.exclusion}::text)::jsonb as exclusion) given
),
told as materialized (
  select nth, wanted::jsonb as wanted, array(select jsonb_array_elements_text(path::jsonb)) as path
  from unnest(${p.wanted}::text[], ${p.paths}::text[]) with ordinality as one(wanted, path, nth)
)
select m.nth::int as nth, ${contains("inclusion")} as included, ${contains("exclusion")} as excluded, failing.failed, failing.absent
from unnest(${p.contents}::text[]) with ordinality as m(content, nth)
cross join t
cross join lateral (select m.content::jsonb as value offset 0) meaning
cross join lateral (
  select coalesce(array_agg(told.nth::int order by told.nth), '{}') as failed,
    coalesce(array_agg(told.nth::int) filter (where meaning.value #> told.path is null), '{}') as absent
  from told where told.wanted <> '{}' and not meaning.value @> told.wanted
) failing
order by m.nth`,
);

type Sample = { id: string; matches: boolean; stops: number | null };

/** What came of the comparisons so far. */
class Tally {
  readonly result: Omit<FilterPreview, "samples">;
  readonly samples: Sample[] = [];
  readonly #exclusion: FilterPreview["stoppedBy"][number] | undefined;

  constructor(told: Condition[], exclusion: ExactJson | null, more: number) {
    const none = { count: 0, alone: 0, absent: 0 };
    if (exclusion !== null)
      this.#exclusion = {
        filter: "exclusion",
        path: [],
        wanted: shortJson(exclusion, maxValueChars),
        ...none,
      };
    this.result = {
      ...{
        masked: false,
        newest: 0,
        isCut: false,
        examined: 0,
        elsewhere: 0,
        wiped: 0,
        unread: 0,
        tests: 0,
        matching: 0,
      },
      stoppedBy: [
        ...told.map(({ path, wanted }) => ({
          filter: "inclusion" as const,
          path: path.map((step) => (step === null ? null : shortText(step, maxValueChars))),
          wanted: shortJson(wanted, maxValueChars),
          ...none,
        })),
        ...(this.#exclusion ? [this.#exclusion] : []),
      ],
      more,
    };
  }

  pass(kind: "elsewhere" | "wiped" | "tests" | "unread"): void {
    this.result[kind] += 1;
  }

  add(id: string, { included, excluded, failed, absent }: Outcome): void {
    const { result } = this;
    result.examined += 1;
    if (included && !excluded) result.matching += 1;
    const isAlone = failed.length === 1 && !excluded && result.more === 0;
    for (const nth of failed) {
      const condition = result.stoppedBy[nth - 1];
      if (!condition) continue;
      condition.count += 1;
      if (isAlone) condition.alone += 1;
      if (absent.includes(nth)) condition.absent += 1;
    }
    if (excluded && this.#exclusion) {
      this.#exclusion.count += 1;
      if (included) this.#exclusion.alone += 1;
    }
    const matches = included && !excluded;
    if (this.samples.filter((one) => one.matches === matches).length >= shownSamples) return;
    const first =
      failed[0] === undefined ? (included && excluded ? result.stoppedBy.length - 1 : null) : failed[0] - 1;
    this.samples.push({ id, matches, stops: matches ? null : first });
  }
}

async function samplesOf(ctx: Context, samples: Sample[]): Promise<FilterPreview["samples"]> {
  const listed = await messageRows(
    ctx,
    samples.map(({ id }) => id),
  );
  return listed.flatMap(({ id, receivedAt, preview }) => {
    const sample = samples.find((one) => one.id === id);
    return sample
      ? [
          {
            messageId: id,
            receivedAt: iso(receivedAt),
            preview,
            matches: sample.matches,
            stops: sample.stops,
          },
        ]
      : [];
  });
}
