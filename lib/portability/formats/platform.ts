import { isRecord, type MapReader } from "@/lib/portability/reader";
import { type Draft, written } from "./draft";
import { baseOf, folderOf, pathFrom } from "./folder";
import { isCodePath, longAdaptor } from "./v2";
import { platformWords } from "./words";

/** Jobs by their keys. */
type Jobs = ReadonlyMap<string, Job>;

type Job = { key: string; reader: MapReader; trigger: string | null };
type Trigger = { reader: MapReader; follows: { job: string; field: "success" | "failure" } | null };

/**
 * Writes a project.yaml of platform v1 as a document of today's grammar. A trigger of messages or times, the jobs that
 * name it, and those that follow them through triggers of `success` and `failure` become one workflow with edges.
 */
export function draftPlatform(project: MapReader, path: string, draft: Draft): void {
  project.keys(platformWords.project);
  const name = project.text("name") ?? (baseOf(path) || "project");
  if (!project.has("name"))
    project.note(
      platformWords.project,
      "name",
      `The file does not name the project: it is called "${name}" as the file is.`,
    );
  draft.put(["name"], name, project, "name");
  draft.put(["description"], project.text("description"), project, "description");
  draftCredentials(project, draft);
  const jobs: Jobs = new Map(
    project.entries("jobs").map(([key, reader]) => [key, { key, reader, trigger: reader.text("trigger") }]),
  );
  const triggers = new Map(
    project.entries("triggers").map(([key, reader]) => [key, triggerOf(reader, jobs)]),
  );
  for (const job of jobs.values())
    if (job.trigger !== null && !triggers.has(job.trigger))
      job.reader.problem(`Could not find a trigger with key: ${job.trigger}`, "trigger");
  const used = new Set([...jobs.values()].map(({ trigger }) => trigger));
  for (const [key, { reader }] of triggers)
    if (!used.has(key))
      reader.noteAll(platformWords.trigger, "No job names this trigger, and it was left out.");
  for (const job of jobs.values()) {
    const root = rootOf(job, jobs, triggers);
    if (root === null)
      job.reader.problem(`${job.key} follows itself: its triggers lead in a circle.`, "trigger");
    else draftJob(job, { draft, root, path, jobs, triggers });
  }
}

/** Their values are secrets, and stay where they are. */
function draftCredentials(project: MapReader, draft: Draft): void {
  const all = project.raw("credentials");
  if (!isRecord(all)) return;
  const holder = project.within("credentials", all);
  for (const key of Object.keys(all)) {
    draft.put(["credentials", key], new Map(Object.entries({ name: key, owner: "" })), holder, key);
    const said =
      "Values of credentials were not imported. Make a credential of this name, and choose it for the jobs that had it.";
    holder.within(key, {}).noteAll(platformWords.project, said);
  }
}

function triggerOf(reader: MapReader, jobs: Jobs): Trigger {
  reader.keys(platformWords.trigger);
  const [field] = (["success", "failure"] as const).filter((word) => reader.has(word));
  if (!field) {
    if (reader.has("criteria") === reader.has("cron"))
      reader.problem(`The trigger ${reader.key} needs one of criteria, cron, success and failure.`);
    return { reader, follows: null };
  }
  const job = reader.text(field) ?? "";
  if (!jobs.has(job)) reader.problem(`Could not find a job with key: ${job}`, field);
  return { reader, follows: { job, field } };
}

/** What starts a job in the end: the key of a trigger, or of a job that nothing starts. Null in a circle. */
type Root = { trigger: string | null; workflow: string };

function rootOf(job: Job, jobs: Jobs, triggers: ReadonlyMap<string, Trigger>): Root | null {
  const seen = new Set<string>();
  let at: Job | undefined = job;
  let last = job.key;
  while (at) {
    last = at.key;
    if (seen.has(at.key)) return null;
    seen.add(at.key);
    const trigger: Trigger | undefined = at.trigger === null ? undefined : triggers.get(at.trigger);
    if (!trigger) return { trigger: null, workflow: at.key };
    if (!trigger.follows) return { trigger: at.trigger, workflow: at.trigger ?? at.key };
    at = jobs.get(trigger.follows.job);
  }
  return { trigger: null, workflow: last };
}

type Into = { draft: Draft; root: Root; path: string; jobs: Jobs; triggers: ReadonlyMap<string, Trigger> };

function draftJob(
  { key, reader, trigger: triggerKey }: Job,
  { draft, root, path, jobs, triggers }: Into,
): void {
  reader.keys(platformWords.job);
  const workflow = ["workflows", root.workflow];
  const started = root.trigger === null ? undefined : triggers.get(root.trigger);
  if (!draft.has(workflow)) {
    const at = started?.reader ?? reader;
    draft.put(workflow, new Map([["name", root.workflow]]), at);
    if (started && root.trigger !== null)
      draftTrigger(draft, [...workflow, "triggers", root.trigger], started.reader);
  }
  const at = [...workflow, "jobs", key];
  draft.put(at, new Map(), reader);
  draft.put([...at, "name"], reader.text("name") ?? key, reader, "name");
  const adaptor = reader.text("adaptor") ?? reader.text("language_pack") ?? reader.text("language");
  draft.put([...at, "adaptor"], adaptor === null ? null : longAdaptor(adaptor), reader, "adaptor");
  draft.put([...at, "credential"], reader.text("credential"), reader, "credential");
  draft.put([...at, "body"], bodyOf(reader, path), reader, "expression");
  const trigger = triggerKey === null ? undefined : triggers.get(triggerKey);
  if (!trigger) {
    reader.noteAll(
      platformWords.job,
      "No trigger starts this job: run it by hand, or give its workflow a trigger.",
    );
    return;
  }
  const source = trigger.follows?.job ?? triggerKey ?? "";
  if (trigger.follows && !jobs.has(source)) return;
  const edge = [...workflow, "edges", `${source}->${key}`];
  draft.put(edge, new Map(), trigger.reader);
  draft.put([...edge, trigger.follows ? "source_job" : "source_trigger"], source, trigger.reader);
  draft.put([...edge, "target_job"], key, reader);
  draft.put([...edge, "condition_type"], conditionOf(trigger), trigger.reader);
}

const conditionOf = ({ follows }: Trigger): string => {
  if (follows === null) return "always";
  return follows.field === "success" ? "on_job_success" : "on_job_failure";
};

function draftTrigger(draft: Draft, at: string[], reader: MapReader): void {
  const isCron = reader.has("cron");
  draft.put([...at, "type"], isCron ? "cron" : "message_filter", reader);
  if (isCron) {
    draft.put([...at, "cron_expression"], reader.text("cron"), reader, "cron");
    return;
  }
  draft.put([...at, "inclusion"], written(reader, "criteria"), reader, "criteria");
  draft.put([...at, "exclusion"], written(reader, "exclusion"), reader, "exclusion");
}

/** The code, or where it is: old files name it as a URL of the disk, too. */
function bodyOf(reader: MapReader, path: string): string | Map<string, string> | null {
  const code = reader.text("expression");
  if (code === null) return null;
  if (/^https?:\/\/\S+$/.test(code.trim()))
    reader.problem(
      "Its code is at an address of the web. Put it into a file of the folder, and name that.",
      "expression",
    );
  const file = code.trim().replace(/^file:(\/\/)?/, "");
  if (!isCodePath(file)) return code;
  return new Map([["path", pathFrom(folderOf(path), file) ?? file]]);
}
