import { collectionName } from "@/lib/domain/collection/schemas";
import { limits, tooMuch } from "@/lib/limits";
import { Fields } from "./cast";
import type { Current } from "./current";
import type { ErrorList } from "./errors";
import { changesWhileDeleting, type Item, notUnique, type Payload } from "./payload";

export type CollectionPlan = {
  /** Those to be made, or renamed. */
  put: { id: string; name: string; before: string | null }[];
  /** Ids of those to be deleted, with what is in them. */
  deleted: string[];
};

/** What a document wants of the project's collections. */
export function planCollections(
  { collections, channels }: Payload,
  current: Current,
  errors: ErrorList,
): CollectionPlan {
  const known = new Map(current.collections.map(({ id, name }) => [id, name]));
  const plan: CollectionPlan = { put: [], deleted: [] };
  for (const item of collections) {
    const before = known.get(item.id);
    const name = nameOf(item, before, errors);
    if (!item.isDeletion) {
      if (name !== before) plan.put.push({ id: item.id, name, before: before ?? null });
    } else if (before !== undefined) {
      if (name !== before) errors.add(["collections", name, "delete"], changesWhileDeleting);
      plan.deleted.push(item.id);
    }
  }
  refuseClashes(plan, current, errors);
  const made = plan.put.filter(({ id }) => !known.has(id)).length;
  const count = known.size - new Set(plan.deleted).size + made;
  if (made > 0 && count > limits.collections)
    errors.add(["base"], tooMuch("collections", count, "The project"));
  for (const { raw, isDeletion } of channels)
    if (!isDeletion)
      errors.add(
        ["channels", typeof raw.name === "string" ? raw.name : "", "base"],
        "There are no channels here. Take them out of project.yaml.",
      );
  return plan;
}

function nameOf({ raw, isDeletion }: Item, before: string | undefined, errors: ErrorList): string {
  const label = typeof raw.name === "string" ? raw.name : (before ?? "");
  const complain = (field: string, message: string) => errors.add(["collections", label, field], message);
  const name = new Fields(raw, complain).text("name", before ?? "");
  if (isDeletion || name === before) return name;
  const read = collectionName.safeParse(name);
  if (!read.success) for (const { message } of read.error.issues) complain("name", message);
  return read.success ? read.data : name;
}

function refuseClashes(plan: CollectionPlan, { collections }: Current, errors: ErrorList): void {
  const touched = new Set([...plan.deleted, ...plan.put.map(({ id }) => id)]);
  const names = new Set(collections.filter(({ id }) => !touched.has(id)).map(({ name }) => name));
  const ids = new Set<string>();
  for (const { id, name } of plan.put) {
    if (names.has(name))
      errors.add(["collections", name, "name"], "A collection with this name already exists.");
    if (ids.has(id)) errors.add(["collections", name, "id"], notUnique);
    names.add(name);
    ids.add(id);
  }
}
