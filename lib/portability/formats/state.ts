import type { MapReader } from "@/lib/portability/reader";
import { type Draft, Keys, written } from "./draft";
import { stateWords } from "./words";

/** A record, the key that it has in a project.yaml, and its id. */
type Item = { reader: MapReader; key: string; id: string };

const isGone = (reader: MapReader): boolean => reader.raw("delete") === true || reader.has("deleted_at");

/** Writes what a state file or OpenFn's API says of a project as a document of the v1 grammar: ids become keys. */
export function draftState(project: MapReader, draft: Draft): void {
  project.keys(stateWords.project);
  for (const field of ["name", "description", "env"] as const)
    draft.put([field], written(project, field), project, field);
  const credentials = itemsOf(
    project,
    "project_credentials",
    (one) => `${one.text("owner") ?? ""} ${one.text("name") ?? ""}`,
  );
  for (const { reader, key } of credentials) {
    reader.keys(stateWords.credential);
    copy(draft, ["credentials", key], reader, ["name", "owner"]);
  }
  for (const { reader, key } of itemsOf(project, "collections", nameOf))
    copy(draft, ["collections", key], reader, ["name"]);
  for (const { reader, key } of itemsOf(project, "workflows", nameOf))
    draftWorkflow({ draft, path: ["workflows", key], credentials }, reader);
}

const nameOf = (reader: MapReader): string => reader.text("name") ?? "";

/** Records stand in a list, or in a map by their keys. Those that were deleted are left out, and that is told. */
function itemsOf(holder: MapReader, field: string, nameOf: (reader: MapReader) => string): Item[] {
  const keys = new Keys();
  const all: [string | null, MapReader][] = Array.isArray(holder.raw(field))
    ? holder.items(field).map((reader) => [null, reader])
    : holder.entries(field);
  return all.flatMap(([known, reader]) => {
    const id = reader.text("id");
    if (isGone(reader)) {
      reader.noteAll(stateWords.edge, "It was deleted there, and was left out.");
      return [];
    }
    if (id === null) reader.problem("A record here needs an id.");
    return [{ reader, key: known ?? keys.of(nameOf(reader), id ?? "record"), id: id ?? "" }];
  });
}

type Into = { draft: Draft; path: string[]; credentials: readonly Item[] };

function draftWorkflow({ draft, path, credentials }: Into, workflow: MapReader): void {
  workflow.keys(stateWords.workflow);
  draft.put(path, new Map(), workflow);
  copy(draft, path, workflow, ["name", "concurrency", "order_key", "enable_job_logs"]);
  const jobs = itemsOf(workflow, "jobs", nameOf);
  const triggers = itemsOf(workflow, "triggers", (one) => one.text("type") ?? "");
  const find = (items: readonly Item[], at: MapReader, field: string): string | null => {
    const id = at.text(field);
    const found = items.find((item) => item.id === id);
    if (id !== null && !found) at.problem(`${field} is ${id}, and nothing here has that id.`, field);
    return found?.key ?? null;
  };
  for (const { reader, key } of jobs) {
    reader.keys(stateWords.job);
    const at = [...path, "jobs", key];
    copy(draft, at, reader, [
      "name",
      "adaptor",
      "body",
      "enabled",
      "retry",
      "library_entry",
      "library_version",
    ]);
    draft.put(
      [...at, "credential"],
      find(credentials, reader, "project_credential_id"),
      reader,
      "project_credential_id",
    );
  }
  for (const { reader, key } of triggers) {
    reader.keys(stateWords.trigger);
    const at = [...path, "triggers", key];
    copy(
      draft,
      at,
      reader,
      stateWords.trigger.obeyed.filter((word) => !ids.includes(word)),
    );
    draft.put(
      [...at, "cron_cursor_job"],
      find(jobs, reader, "cron_cursor_job_id"),
      reader,
      "cron_cursor_job_id",
    );
  }
  const name = (edge: MapReader) =>
    `${find(triggers, edge, "source_trigger_id") ?? find(jobs, edge, "source_job_id")}->${find(jobs, edge, "target_job_id")}`;
  for (const { reader, key } of itemsOf(workflow, "edges", name)) {
    reader.keys(stateWords.edge);
    const at = [...path, "edges", key];
    copy(draft, at, reader, [
      "condition_type",
      "condition",
      "condition_label",
      "condition_expression",
      "enabled",
    ]);
    draft.put(
      [...at, "source_trigger"],
      find(triggers, reader, "source_trigger_id"),
      reader,
      "source_trigger_id",
    );
    draft.put([...at, "source_job"], find(jobs, reader, "source_job_id"), reader, "source_job_id");
    draft.put([...at, "target_job"], find(jobs, reader, "target_job_id"), reader, "target_job_id");
  }
}

const ids = ["id", "delete", "cron_cursor_job_id"];

function copy(draft: Draft, path: string[], reader: MapReader, fields: readonly string[]): void {
  draft.open(path, reader);
  for (const field of fields) draft.put([...path, field], written(reader, field), reader, field);
}
