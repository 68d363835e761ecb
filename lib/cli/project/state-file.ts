import { z } from "zod";
import { CliFailure, wordsOf } from "@/lib/cli/failure";
import { readText } from "@/lib/cli/files";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import type { StateDocument } from "@/lib/portability/document";

const records = z.record(z.string(), z.looseObject({ id: z.string() }));
const state = z.looseObject({
  id: z.string().nullish(),
  project_credentials: records.nullish(),
  collections: records.nullish(),
  keychain_credentials: records.nullish(),
  workflows: z.record(
    z.string(),
    z.looseObject({
      id: z.string(),
      name: z.string(),
      jobs: records.nullish(),
      triggers: records.nullish(),
      edges: records.nullish(),
    }),
  ),
});

/** The state that is kept beside a spec, or null when there is none. Throws `CliFailure` when the file is something else. */
export async function readState(file: string): Promise<StateDocument | null> {
  const text = await readText(file);
  if (text === null || text.trim() === "") return null;
  const read = state.safeParse(parsed(text, file));
  if (!read.success) throw noState(file, z.prettifyError(read.error).split("\n")[0] ?? "");
  const { workflows, project_credentials, collections, keychain_credentials, ...columns } = read.data;
  const found = {
    ...columns,
    project_credentials: project_credentials ?? {},
    ...(collections ? { collections } : {}),
    ...(keychain_credentials ? { keychain_credentials } : {}),
    workflows: Object.fromEntries(
      Object.entries(workflows).map(([key, workflow]) => [
        key,
        {
          ...workflow,
          jobs: workflow.jobs ?? {},
          triggers: workflow.triggers ?? {},
          edges: workflow.edges ?? {},
        },
      ]),
    ),
  };
  // Checked as far as its records can be told apart, as what a server answers is.
  return found as unknown as StateDocument;
}

function parsed(text: string, file: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw noState(file, wordsOf(error));
  }
}

const noState = (file: string, reason: string) =>
  new CliFailure(`${file} is not a state file: ${reason}`, {
    next: "It is what `waybill pull` and `waybill deploy` write. Take it from git again, or run `waybill pull <project id>`, which writes it anew. Nothing was changed.",
  });

/** The text of a state file, as OpenFn's command line writes it. */
export const stateText = (value: StateDocument): string => stringifyExact(value, 2);
