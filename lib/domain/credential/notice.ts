import { and, asc, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentials, projectCredentials, projects } from "@/db/schema";
import type { Content, ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";

/** What the owner of a credential is told that ends, or whose tokens are not renewed. Nothing when that is over. */
export const credentialExpiryNotice: ContentMaker = {
  async contentOf(db, { userId, data }) {
    const credential = await ownedBy(db, String(data.credentialId), userId ?? "");
    if (!credential) return null;
    return data.ends ? ending(credential) : notRenewed(credential);
  },
};

type Owned = { name: string; expiresAt: Date | null; problem: string | null; projects: string[] };

async function ownedBy(db: Db, id: string, userId: string): Promise<Owned | undefined> {
  const [row] = await db
    .select({
      name: credentials.name,
      expiresAt: credentials.expiresAt,
      problem: credentials.renewalProblem,
    })
    .from(credentials)
    .where(and(eq(credentials.id, id), eq(credentials.ownerId, userId)));
  if (!row) return undefined;
  // checked: the credential is the reader's own
  const uses = await db
    .select({ name: projects.name })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .where(eq(projectCredentials.credentialId, id))
    .orderBy(asc(projects.name));
  return { ...row, projects: uses.map(({ name }) => name) };
}

const account = () => ({ label: "Open your credentials", url: `${publicUrl(env())}/account#credentials` });
const factsOf = ({ name, projects: uses }: Owned): Content["facts"] => [
  { label: "Credential", value: name },
  { label: "Used by", value: uses.length > 0 ? uses.join(", ") : "no project" },
];

function ending(credential: Owned): Content | null {
  const { name, expiresAt } = credential;
  if (!expiresAt) return null;
  const day = expiresAt.toISOString().slice(0, 10);
  const isOver = expiresAt.getTime() <= Date.now();
  return {
    subject: isOver ? `The credential ${name} has ended` : `The credential ${name} ends on ${day}`,
    lead: isOver
      ? `By what you have said of it, the credential ${name} ended on ${day}. Jobs that use it may fail from now on.`
      : `By what you have said of it, the credential ${name} ends on ${day}. Jobs that use it may fail from then on.`,
    facts: factsOf(credential),
    todo: "Get a new key or password from its service, put it into the credential, and say when that one ends.",
    actions: [account()],
    stop: null,
  };
}

function notRenewed(credential: Owned): Content | null {
  const { name, problem } = credential;
  if (!problem) return null;
  return {
    subject: `The credential ${name} cannot be renewed`,
    lead: `The tokens of the credential ${name} were not renewed: ${problem}. Jobs that use it fail when the last one is over.`,
    facts: factsOf(credential),
    todo: "Connect it again, which asks its service for new tokens.",
    actions: [account()],
    stop: null,
  };
}
