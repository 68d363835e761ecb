import type { Clinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { failure } from "@/lib/testing/scripted-runner";
import { collectIssues } from "./collect";

/** Collects what there is, as the function does it. */
export const collect = () =>
  collectIssues({ db: testDatabase().db, announce: () => {} }, { budgetMs: 60_000 });

/** Receives at the clinic's hook, whose one job fails so. Returns the message. */
export async function fail(clinic: Clinic, message = "no", type = "JobError"): Promise<string> {
  const id = await clinic.receive({ n: 1 }, { to: clinic.triggers.hook });
  await clinic.execute(id, () => failure(type, message));
  return id;
}
