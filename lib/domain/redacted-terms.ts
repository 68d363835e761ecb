import { redactedForm } from "@/lib/crypto/redacted-form";
import type { Context } from "@/lib/domain/context";
import { redactionsOf } from "@/lib/domain/message/redactions";
import { searchTerms, type Term, withOthers } from "@/lib/search/terms";

/**
 * What a search asks for in a project: where something was redacted at intake, a word or phrase is found by what stands in its
 * place, and so is all that was typed together.
 */
export async function projectTerms(ctx: Pick<Context, "db" | "project">, text: string): Promise<Term[]> {
  const terms = searchTerms(text);
  if ((await redactionsOf(ctx)) === null) return terms;
  const formOf = (value: string) => redactedForm(ctx.project.id, value);
  const whole = await formOf(text);
  return Promise.all(terms.map(async (term) => withOthers(term, [await formOf(term.text), whole])));
}
