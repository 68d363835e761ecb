import { eq, or, type SQL, sql } from "drizzle-orm";
import { oauthClients, projectMembers, projectOauthClients, projects, secondFactors } from "@/db/schema";

/** Clients that somebody may connect with: one's own, everybody's, and those of the projects that one is an editor of, or more. */
export const isUsableBy = (userId: string): SQL | undefined =>
  or(
    eq(oauthClients.ownerId, userId),
    oauthClients.isGlobal,
    sql`exists (select 1 from ${projectOauthClients} s join ${projectMembers} m on m.project_id = s.project_id
        join ${projects} p on p.id = s.project_id
      where s.oauth_client_id = ${oauthClients.id} and m.user_id = ${userId} and m.role <> 'viewer'
        and (not p.require_second_factor
          or exists (select 1 from ${secondFactors} f where f.user_id = m.user_id and f.confirmed_at is not null)))`,
  );
