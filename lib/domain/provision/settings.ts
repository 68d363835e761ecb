import { projectNamePattern, projectNameProblem } from "@/lib/domain/project/name";
import { projectSettings } from "@/lib/domain/project/schemas";
import { Fields } from "./cast";
import type { CurrentProject } from "./current";
import type { ErrorList } from "./errors";
import { atMost, longestDescription } from "./openfn-only";
import { blank, type Payload } from "./payload";

/** What a document says of the project itself. */
export type Settings = {
  id: string;
  name: string;
  description: string | null;
  /** Null = `main`. */
  env: string | null;
  isChanged: boolean;
};

/**
 * Reads name and description, and the environment where the client knows our extensions. Other columns are the server's:
 * they are accepted, and change nothing.
 */
export function readSettings(
  { id, raw }: Payload,
  before: CurrentProject | null,
  isExtended: boolean,
  errors: ErrorList,
): Settings {
  const complain = (field: string, message: string) => errors.add([field], message);
  const fields = new Fields(raw, complain);
  const name = fields.text("name", before?.name ?? "");
  const description = fields.optionalText("description", before?.description ?? null);
  const isRenamed = name !== before?.name;
  const problem = isRenamed && name !== "" ? projectNameProblem(name) : undefined;
  if (name === "" && !errors.has(["name"])) complain("name", blank);
  if (problem) {
    if (!projectNamePattern.test(name)) complain("name", "has invalid format");
    complain("name", problem);
  }
  const isDescribed = description !== (before?.description ?? null);
  const read = projectSettings.shape.description.safeParse(description);
  if (isDescribed && !read.success)
    for (const issue of read.error.issues) complain("description", issue.message);
  else if (isDescribed && !isExtended && (description?.length ?? 0) > longestDescription)
    complain("description", atMost(longestDescription));
  const env = isExtended ? fields.optionalText("env", before?.env ?? null) : (before?.env ?? null);
  const isMoved = env !== (before?.env ?? null);
  const place = projectSettings.shape.env.safeParse(env);
  if (isMoved && !place.success) for (const issue of place.error.issues) complain("env", issue.message);
  const isChanged = before === null || isRenamed || isDescribed || isMoved;
  return { id, name, description, env, isChanged };
}
