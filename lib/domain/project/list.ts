import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { RepositoryActor, UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import type { Bound } from "@/lib/domain/project/create";
import { withoutNul } from "@/lib/text";
import { roles } from "@/lib/words";
import { messageSetInfo } from "@/lib/workflow/outcome";

export const projectList = pageInput.extend({ search: z.string().trim().max(100).optional() });

export const projectSummary = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    role: z.enum(roles),
    members: z.int(),
    workflows: z.int(),
    failures: z.int().meta({
      description:
        "Message–job pairs whose last result is a failure that no step followed; counted up to 100. In the inbox: `unhandled`.",
    }),
    handled: z.int().meta({
      description:
        "Message–job pairs whose last result is a failure that another step followed; counted up to 100. In the inbox: `handled`.",
    }),
    lastMessageAt: moment.nullable(),
    needsSecondFactor: z.boolean().meta({
      description: "It asks for a second factor and you have none: nothing else is told of it until you do.",
    }),
    deletesAt: moment.nullable().meta({ description: "When it is purged, if it is being deleted." }),
  })
  .meta({ id: "ProjectSummary" });
export type ProjectSummary = z.infer<typeof projectSummary>;

/** Whose projects are listed: a person's, of a token that is bound to some those, or a repository's one. */
type Whose =
  | (UserContext & Bound)
  | (Pick<UserContext, "db"> & { actor: RepositoryActor; ofProject: { id: string } });

/** The projects that the caller is a member of, by name; of a repository, its own, which it works in as an admin. */
export async function listProjects(
  ctx: Whose,
  input: z.input<typeof projectList> = {},
): Promise<Page<ProjectSummary>> {
  const { cursor, limit, search } = projectList.parse(input);
  const received = keyset([[sql`project_id`, sql`p.id`]], sql`id`);
  const found = await rows<ProjectSummary>(
    ctx.db,
    sql`
      select p.id, p.name, p.description, m.role,
        m.user_id is not null and p.require_second_factor and not exists (
          select 1 from second_factors f where f.user_id = m.user_id and f.confirmed_at is not null
        ) as "needsSecondFactor",
        to_char(p.deletes_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "deletesAt",
        (select count(*)::int from project_members where project_id = p.id) as members,
        (select count(*)::int from workflows where project_id = p.id and deleted_at is null) as workflows,
        ${pairs("unhandled")} as failures, ${pairs("handled")} as handled,
        (select to_char(received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
          from messages where ${received.where} order by ${received.newestFirst} limit 1) as "lastMessageAt"
      from ${membershipsOf(ctx)} m join projects p on p.id = m.project_id
      where true
        ${search ? sql`and strpos(p.name, ${withoutNul(search.toLowerCase())}) > 0` : sql``}
        ${cursor ? sql`and (p.name, p.id) > (select name, id from projects where id = ${cursor})` : sql``}
      order by p.name, p.id
      limit ${limit + 1}`,
  );
  return toPage(
    found.map((project) => (project.needsSecondFactor ? { ...project, ...closed } : project)),
    limit,
  );
}

/** Rows of `project_id`, `user_id` and `role`. A repository is no person, who could have a second factor, and needs none. */
function membershipsOf(whose: Whose): SQL {
  if ("ofProject" in whose)
    return sql`(select ${whose.ofProject.id}::uuid as project_id, null::uuid as user_id, 'admin' as role)`;
  const { actor, boundTo } = whose;
  const bound = boundTo ? sql`and project_id = any(${sql.param([...boundTo])}::uuid[])` : sql``;
  return sql`(/* checked: the caller's own */ select project_id, user_id, role from project_members where user_id = ${actor.userId} ${bound})`;
}

/** What is told of a project that asks for a second factor to a member who has none. */
const closed = {
  description: null,
  members: 0,
  workflows: 0,
  failures: 0,
  handled: 0,
  lastMessageAt: null,
} satisfies Partial<ProjectSummary>;

/** How many pairs of a message and a job of the project `p` the inbox's filter finds by this word; at most 100. */
function pairs(set: "unhandled" | "handled"): SQL {
  const counts = messageSetInfo[set].words.map((word) => {
    const ofWord = keyset(
      [
        [sql`project_id`, sql`p.id`],
        [sql`result`, word],
      ],
      sql`message_id`,
    );
    return sql`(select /* checked: the keyset begins with the project */ count(*)::int from (
      select 1 from job_states where ${ofWord.where} order by ${ofWord.newestFirst} limit 100
    ) f)`;
  });
  return sql`least(100, ${sql.join(counts, sql` + `)})`;
}
