import type { ProjectSpec } from "@/lib/portability/spec";
import { CompileError, compile } from "@/lib/runner/compiler";

/** Compiling more would take longer than reading the files may. */
const maxChars = 1_000_000;

/**
 * A sentence for each job whose code cannot run as it stands, each the same for the same trouble, and one where there was
 * too much code to look at all of it. `placeOf` is the text of a job's place.
 */
export function brokenCode({ workflows }: ProjectSpec, placeOf: (path: string[]) => string): string[] {
  const report: string[] = [];
  let chars = 0;
  let unseen = 0;
  for (const [key, { jobs }] of Object.entries(workflows))
    for (const [job, { body }] of Object.entries(jobs)) {
      const isSeen = chars + body.length <= maxChars;
      if (isSeen) chars += body.length;
      else unseen += 1;
      const trouble = isSeen ? troubleIn(body) : null;
      if (trouble) report.push(`${placeOf(["workflows", key, "jobs", job])}: ${trouble}`);
    }
  const jobsOf = unseen === 1 ? "one job" : `${unseen} jobs`;
  if (unseen > 0)
    report.push(`The code of ${jobsOf} was not compiled yet: there is much of it. Runs will show.`);
  return report;
}

function troubleIn(body: string): string | null {
  try {
    compile(body, { adaptor: null, exports: [] });
    return null;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return `Its code does not compile (${error.type} in its line ${error.line}: ${error.said}). It comes as it is, and fails until it is mended.`;
  }
}
