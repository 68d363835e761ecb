import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { type Asked, beginTurn, type PersonHost, type RequestRow, readRequest, update } from "./rows";
import { scanPage } from "./scan";
import { wipeSome } from "./wipe-some";

/** Whether there is more to do now, and after how many milliseconds. */
export type Progress = { isOver: boolean; waitMs: number };

/** Others get at least as much of the database and of this thread as a search does. */
const longestRestMs = 1_000;

/**
 * Goes on with a search or a wipe for about `budgetMs`, page after page. Any number may do so at once, and each may end
 * anywhere: a page is one transaction, which moves the search on.
 */
export async function carryOutPerson(host: PersonHost, ids: Asked, budgetMs: number): Promise<Progress> {
  const endsAt = performance.now() + budgetMs;
  for (;;) {
    const begun = performance.now();
    const request = await readRequest(host.db, ids);
    if (!request || (ids.turn !== undefined && ids.turn !== request.turn)) return { isOver: true, waitMs: 0 };
    if (!isUnderWay(request)) return { isOver: true, waitMs: 0 };
    const waitMs = request.nextAt.getTime() - Date.now();
    if (waitMs > 0) return { isOver: false, waitMs };
    await next(contextOf(host, request), request);
    if (performance.now() > endsAt) return { isOver: false, waitMs: 0 };
    await sleep(Math.min(longestRestMs, performance.now() - begun));
  }
}

const isUnderWay = ({ state }: RequestRow): boolean =>
  state === "scanning" || state === "wiping" || state === "verifying";

const next = (ctx: Context, request: RequestRow): Promise<void> =>
  request.state === "wiping" ? wipeSome(ctx, request) : scanPage(ctx, request);

/** The product itself carries it out, in the name of whoever asked: the audit says who that was. */
const contextOf = (
  { db, announce }: PersonHost,
  { projectId, wipeBy, wipeByLabel }: RequestRow,
): Context => ({
  actor: wipeBy
    ? { type: "user", userId: wipeBy, label: wipeByLabel ?? "" }
    : { type: "system", label: "person's data" },
  project: { id: projectId, name: "" },
  role: "owner",
  db,
  announce,
});

const silentSeconds = 120;

/** The safety net: asks again for those under way that nobody has looked after for two minutes. Returns how many. */
export async function askForgottenPersons(host: PersonHost): Promise<number> {
  const found = await rows<{ requestId: string; projectId: string }>(
    host.db,
    sql`/* all tenants: the safety net */ select id as "requestId", project_id as "projectId" from person_requests
        where state in ('scanning', 'wiping', 'verifying') and beat_at < clock_timestamp() - make_interval(secs => ${silentSeconds})
          and next_at < clock_timestamp() - make_interval(secs => ${silentSeconds})
        order by beat_at limit 100`,
  );
  for (const ids of found) await askForPerson(host, ids);
  return found.length;
}

/** Asks engines to go on with it. */
export const askForPerson = (host: PersonHost, { requestId, projectId }: Asked): Promise<void> =>
  write({ ...host, project: { id: projectId } }, "own", async (tx) => {
    await beginTurn(tx, { requestId, projectId });
    return { result: undefined, audit: null, changed: null };
  });

const actor = { type: "system", label: "person's data" } as const;

/** Ends one that could not go on through every repetition, and throws the key away: a person decides. */
export const giveUpPerson = (host: PersonHost, ids: Asked): Promise<void> =>
  write({ ...host, actor, project: { id: ids.projectId } }, "own", async (tx) => {
    const request = await readRequest(tx, ids);
    if (!request || !isUnderWay(request)) return { result: undefined, audit: null, changed: null };
    const problem =
      "Waybill could not go on with it, also when it tried again. What was wiped is wiped; start another search to go on.";
    await update(tx, request, { state: "failed", problem, sealed: null, endedAt: new Date() });
    const audit = {
      event: "person.fail",
      itemId: request.id,
      after: { state: request.state, wiped: request.wiped },
    };
    return { result: undefined, audit, changed: null };
  });
