import { grammar } from "@/lib/portability/grammar";
import { hyphenated } from "@/lib/portability/keys";
import type { MapReader } from "@/lib/portability/reader";
import { type Draft, written } from "./draft";
import { baseOf } from "./folder";

/** Writes one workflow, as it stands under `workflows` in a project.yaml, as a project of its own. */
export function draftWorkflowAlone(workflow: MapReader, path: string, draft: Draft): void {
  const name = workflow.text("name") ?? (baseOf(path) || "workflow");
  const said = `This is one workflow, not a project: the project is called "${name}" as it is.`;
  workflow.note(grammar.workflow, "name", said);
  draft.put(["name"], name, workflow, "name");
  const at = ["workflows", hyphenated(name)];
  draft.put(at, new Map(), workflow);
  for (const field of workflow.fields) {
    if (field !== "jobs" && field !== "triggers" && field !== "edges") {
      draft.put([...at, field], written(workflow, field), workflow, field);
      continue;
    }
    draft.put([...at, field], new Map(), workflow, field);
    for (const [key, item] of workflow.entries(field)) {
      draft.put([...at, field, key], new Map(), item);
      for (const word of item.fields) draft.put([...at, field, key, word], written(item, word), item, word);
      const credential = field === "jobs" ? item.text("credential") : null;
      if (credential === null) continue;
      // The project that knew its name and owner is not here.
      draft.put(
        ["credentials", credential],
        new Map(Object.entries({ name: credential, owner: "" })),
        item,
        "credential",
      );
    }
  }
}
