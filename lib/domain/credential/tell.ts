import type { Database } from "@/db/client";
import { queueNotices } from "@/lib/domain/notice/queue";

/** How many days before its end the owner of a credential is told of it; on the day itself, too. */
const daysBefore = [14, 3, 0] as const;

const maxAtOnce = 500;

type Ending = { id: string; ownerId: string; ends: string; days: number };
type Failing = { id: string; ownerId: string; since: string };

/**
 * Tells the owners of credentials that end soon, once each time, and of those whose tokens are not renewed any more. Any
 * number of engines may do so at once. Returns how many notices are new.
 */
export async function tellOfCredentials(database: Database): Promise<number> {
  const ending = await database.query<Ending>(ends, [daysBefore, maxAtOnce]);
  const failing = await database.query<Failing>(fails, [maxAtOnce]);
  const to = ({ ownerId }: { ownerId: string }) => ({ userId: ownerId });
  const common = { kind: "credential_expiry", projectId: null, notBefore: null } as const;
  return queueNotices(database, [
    ...ending.map((one) => ({
      ...common,
      key: `credential-ends:${one.id}:${one.ends}:${one.days}`,
      to: to(one),
      data: { credentialId: one.id, ends: one.ends },
    })),
    ...failing.map((one) => ({
      ...common,
      key: `credential-not-renewed:${one.id}:${one.since}`,
      to: to(one),
      data: { credentialId: one.id, notRenewedSince: one.since },
    })),
  ]);
}

/** The last of the days that has come: who says on Monday that it ends on Tuesday is told once. */
const ends = `
/* all tenants: whoever's credentials end */
select c.id, c.owner_id as "ownerId", to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD') as ends, due.days
from credentials c cross join lateral (
  select min(d) as days from unnest($1::int[]) d where c.expires_at <= now() + make_interval(days => d)
) due
where c.expires_at < now() + interval '14 days' and c.expires_at > now() - interval '7 days' and due.days is not null
  and not exists (select 1 from notices n where n.key = 'credential-ends:' || c.id || ':'
    || to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD') || ':' || due.days || ':' || c.owner_id)
order by c.expires_at limit $2::int`;

const fails = `
/* all tenants: whoever's credentials are not renewed */
select c.id, c.owner_id as "ownerId", to_char(c.renewal_failed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
from credentials c
where c.renewal_failed_at < now() - interval '5 minutes'
  and not exists (select 1 from notices n where n.key = 'credential-not-renewed:' || c.id || ':'
    || to_char(c.renewal_failed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ':' || c.owner_id)
order by c.renewal_failed_at limit $1::int`;
