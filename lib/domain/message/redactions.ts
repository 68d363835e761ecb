import { eq } from "drizzle-orm";
import { projects } from "@/db/schema";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { redactionKey } from "@/lib/crypto/redaction";
import type { Context } from "@/lib/domain/context";
import { env } from "@/lib/env";
import { type Bare, type Redacted, redactMessage, redactState } from "@/lib/redaction/redact";
import { invalid, notFound } from "@/lib/refusal";
import type { Redaction } from "@/lib/workflow/types";

type Asker = Pick<Context, "db" | "project">;

/** What the project redacts before it stores a message; null when it never redacted anything. Throws `not_found`. */
export async function redactionsOf({ db, project }: Asker): Promise<Redaction[] | null> {
  const [row] = await db
    .select({ redactions: projects.redactions })
    .from(projects)
    .where(eq(projects.id, project.id));
  if (!row) throw notFound("The project");
  return row.redactions;
}

/** A message that a person brings, as it may be stored by these redactions. Throws `invalid` for what cannot be. */
export async function redactBrought<T extends Bare>(
  { project }: Asker,
  bare: T,
  redactions: Redaction[] | null,
): Promise<Redacted> {
  if (!redactions?.length) return { ...bare, contentType: bare.said.contentType, isBodyChanged: false };
  const done = await redactMessage(bare, await byOf(project.id, redactions));
  if ("refused" in done) throw invalid(done.reason);
  return done;
}

/** JSON text of a state that a person brings, as it may be stored. Throws `invalid` when too much of it is redacted. */
export async function redactInput(ctx: Asker, text: string): Promise<string> {
  const redactions = await redactionsOf(ctx);
  if (!redactions?.length) return text;
  const done = await redactState(text, await byOf(ctx.project.id, redactions));
  if (typeof done !== "string") throw invalid(done.reason);
  return done;
}

export async function byOf(projectId: string, redactions: Redaction[]) {
  const key = await redactionKey(env().SECRET_KEY ?? "", projectId);
  return { paths: redactions.map(({ path }) => path), key, decoders: nodeDecoders };
}
