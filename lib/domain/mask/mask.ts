import { and, eq, gt, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projects, reveals } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { type JsonPath, parseJsonPath } from "@/lib/json-path";
import { maskableRoles } from "@/lib/words";
import type { Protection } from "@/lib/workflow/types";
import { everything } from "./hidden-texts";
import { knownOf, type Subject, subjectKey } from "./known";
import { unprotected } from "./protection";
import { hiddenIn, openVeil, type Veil, veilOf } from "./veil";

/** What a role is not to see in a project: which veil lies over what. */
export type Mask = {
  /** The veil of each of these: one look for a whole page. */
  veils(subjects: readonly Subject[]): Promise<(subject: Subject) => Veil>;
  /** Of one of them. */
  veil(subject: Subject): Promise<Veil>;
  /** Over a state of which it is not known what it is from: what stands at the paths is hidden in it. JSON text. */
  own(state: string): Veil;
  /** The same over all that was made of several such states. */
  ownOf(states: readonly string[]): Veil;
  /** Over what nothing is known of. */
  whole: Veil;
  paths: readonly JsonPath[];
};

/** A project's protection as it is stored. */
export async function protectionOf(db: Db, projectId: string): Promise<Protection> {
  const [row] = await db
    .select({ protection: projects.protection })
    .from(projects)
    .where(eq(projects.id, projectId));
  return row?.protection ?? unprotected;
}

/**
 * What of a project is masked for whoever asks; null, at no cost for owner and admins, when nothing is. Every verb that
 * answers with what a message brought, or with what a job made of it, asks for it.
 */
export async function maskFor(ctx: Context): Promise<Mask | null> {
  if (!(maskableRoles as readonly string[]).includes(ctx.role)) return null;
  const { masks, maskedRoles } = await protectionOf(ctx.db, ctx.project.id);
  if (masks.length === 0 || !(maskedRoles as readonly string[]).includes(ctx.role)) return null;
  return maskOf(ctx, masks, await revealedTo(ctx));
}

/** The veil over one message, or work order without one, for whoever asks. */
export async function veilFor(ctx: Context, subject: Subject): Promise<Veil> {
  const mask = await maskFor(ctx);
  return mask ? mask.veil(subject) : openVeil;
}

/** What is masked for any role at all: for what leaves by mail and webhooks, to whoever. Null when nothing is. */
export async function strictMask(db: Db, projectId: string): Promise<Mask | null> {
  const { masks, maskedRoles } = await protectionOf(db, projectId);
  if (masks.length === 0 || maskedRoles.length === 0) return null;
  return maskOf({ db, project: { id: projectId, name: "" } }, masks, new Set());
}

function maskOf(
  ctx: Pick<Context, "db" | "project">,
  masks: readonly string[],
  revealed: ReadonlySet<string>,
): Mask {
  const paths = masks.map(parseJsonPath);
  const whole = veilOf(paths, everything);
  const veils = async (subjects: readonly Subject[]) => {
    const closed = subjects.filter((subject) => !revealed.has(subjectKey(subject)));
    const known = await knownOf(ctx, closed, paths);
    const made = new Map([...known].map(([key, hidden]) => [key, veilOf(paths, hidden)]));
    return (subject: Subject): Veil => {
      const key = subjectKey(subject);
      return revealed.has(key) ? openVeil : (made.get(key) ?? whole);
    };
  };
  return {
    veils,
    veil: async (subject) => (await veils([subject]))(subject),
    own: (state) => veilOf(paths, hiddenOf([state], paths)),
    ownOf: (states) => veilOf(paths, hiddenOf(states, paths)),
    whole,
    paths,
  };
}

function hiddenOf(states: readonly string[], paths: readonly JsonPath[]) {
  try {
    return hiddenIn(states, paths);
  } catch {
    return everything;
  }
}

/** What a person has revealed and may still see, as keys of subjects. An API token sees nothing of it. */
async function revealedTo({ db, project, actor }: Context): Promise<Set<string>> {
  if (actor.type !== "user") return new Set();
  const found = await db
    .select({ messageId: reveals.messageId, workOrderId: reveals.workOrderId })
    .from(reveals)
    .where(
      and(
        eq(reveals.projectId, project.id),
        eq(reveals.userId, actor.userId),
        gt(reveals.endsAt, sql`now()`),
      ),
    );
  return new Set(found.map(subjectKey));
}
