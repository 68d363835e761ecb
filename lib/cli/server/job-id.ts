import { z } from "zod";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { plain } from "@/lib/cli/plain";
import { jobList } from "./answers";
import type { ProjectApi } from "./project-api";

/** The job of a server's project that a person means by a UUID, a name, or `<workflow>/<job>`. Throws `CliFailure`. */
export async function jobIdOf(api: ProjectApi, asked: string): Promise<string> {
  if (z.uuid().safeParse(asked).success) return asked;
  const jobs: { id: string; name: string; workflowName: string }[] = [];
  let cursor: string | null = null;
  do {
    const page: z.infer<typeof jobList> = await api.get("/jobs", jobList, cursor ? [["cursor", cursor]] : []);
    jobs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  const [found, ...others] = jobs.filter(({ name, workflowName }) =>
    [plain(name), plain(`${workflowName}/${name}`)].includes(plain(asked)),
  );
  if (found && others.length === 0) return found.id;
  throw new CliFailure(
    found ? `More than one job of the project is called "${asked}".` : `The project has no job "${asked}".`,
    {
      exitCode: exitCodes.failed,
      next: `Say which: ${(found ? [found, ...others] : jobs)
        .slice(0, 20)
        .map(({ name, workflowName }) => `${workflowName}/${name}`)
        .join(", ")}.`,
    },
  );
}
