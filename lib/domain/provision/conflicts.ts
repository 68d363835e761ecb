import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { iso, rows } from "@/db/rows";
import { readGraph } from "@/lib/domain/workflow/load-graph";
import { stringifyExact } from "@/lib/exact-json";
import { edgeLabel } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { ErrorList } from "./errors";
import { startedFrom, type Wanted } from "./plan";

type Version = {
  lockVersion: number;
  source: string | null;
  createdBy: string | null;
  createdAt: Date | string;
  graph: string;
};

/** More versions than these are not read one by one: what the first and the last differ in counts. */
const maxVersions = 50;

/**
 * Says where a document would undo what others have changed since the version that it started from: in a page, or in
 * another's deploy. Whoever says no version of theirs (`lock_version`) has no such check.
 */
export async function refuseOverwriting(
  tx: Db,
  projectId: string,
  { workflows, caller, errors }: { workflows: readonly Wanted[]; caller: string; errors: ErrorList },
): Promise<void> {
  for (const wanted of workflows) {
    const { before, item, label, change } = wanted;
    const started = startedFrom(item);
    if (change === "none" || !before || started === null || started >= before.lockVersion) continue;
    const versions = await versionsSince(tx, projectId, before.id, started);
    const undone = undoneBy(wanted, versions, caller);
    if (undone.length > 0) errors.add(["workflows", label, "base"], sentenceOf(wanted, started, undone));
  }
}

/** The version that a document started from and those after it; none where that one is unknown. */
async function versionsSince(tx: Db, projectId: string, id: string, started: number): Promise<Version[]> {
  const found = await rows<Version>(
    tx,
    sql`select lock_version as "lockVersion", source, created_by as "createdBy", created_at as "createdAt", graph::text as graph
        from (select *, row_number() over (order by lock_version desc) as n from snapshots
              where workflow_id = ${id} and project_id = ${projectId} and lock_version >= ${started}) s
        where n <= ${maxVersions} or lock_version = ${started} order by lock_version`,
  );
  return found[0]?.lockVersion === started ? found : [];
}

type Undone = { what: string; by: string | null; at: Date | string; source: string | null };

/** What others changed and the document would set to something else than it is now. */
function undoneBy({ before, graph, change }: Wanted, versions: Version[], caller: string): Undone[] {
  if (!before) return [];
  const now = fieldsOf(before.graph);
  const wanted = change === "deleted" ? new Map<string, Field>() : fieldsOf(graph);
  const undone = new Map<string, Undone>();
  let older: Map<string, Field> | null = null;
  for (const version of versions) {
    const younger = fieldsOf(readGraph(version.graph));
    const isOthers = isPage(version) || version.createdBy !== caller;
    if (older && isOthers)
      for (const key of differing(older, younger)) {
        if (now.get(key)?.value === wanted.get(key)?.value) continue;
        const { what } = younger.get(key) ?? older.get(key) ?? { what: key };
        undone.set(key, { what, by: version.createdBy, at: version.createdAt, source: version.source });
      }
    older = younger;
  }
  return [...undone.values()];
}

const isPage = ({ source }: Version): boolean => source !== "cli" && source !== "import";

type Field = { what: string; value: string };

/** Everything that a version says, part by part, as people call it. */
function fieldsOf(graph: WorkflowGraph): Map<string, Field> {
  const fields = new Map<string, Field>();
  const { triggers, jobs, edges, positions, ...own } = graph;
  const add = (key: string, whose: string, item: object) => {
    for (const [field, value] of Object.entries(item))
      if (!isUnsaid.has(field))
        fields.set(`${key}.${field}`, {
          what: field === "id" ? whose : `${wordOf(field)} of ${whose}`,
          value: stringifyExact(value),
        });
  };
  add("workflow", "the workflow", own);
  for (const job of jobs) add(job.id, `job "${job.name}"`, job);
  for (const trigger of triggers) add(trigger.id, `the ${trigger.type} trigger`, trigger);
  for (const edge of edges) add(edge.id, `edge ${edgeLabel(graph, edge)}`, edge);
  return fields;
}

/** No document says the pin: it stays while the adaptor is written as it was. */
const isUnsaid = new Set(["adaptorVersion"]);

const words: Record<string, string> = {
  projectCredentialId: "credential",
  keychainCredentialId: "keychain",
  conditionType: "condition",
  conditionExpression: "condition",
  jobLogs: "enable_job_logs",
};

const wordOf = (field: string): string =>
  words[field] ?? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const differing = (a: Map<string, Field>, b: Map<string, Field>): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key)?.value !== b.get(key)?.value);

const maxNamed = 10;

function sentenceOf({ before, change }: Wanted, started: number, undone: Undone[]): string {
  const parts = [...new Set(undone.map(({ what }) => what))];
  const more = parts.length > maxNamed ? ` and ${parts.length - maxNamed} more` : "";
  const what = parts.slice(0, maxNamed).join(", ") + more;
  const last = undone.reduce((a, b) => (iso(a.at) >= iso(b.at) ? a : b));
  const where = last.source === "app" || last.source === "restore" ? " in the browser" : "";
  const who = `${last.by ?? "somebody"}${where}, ${iso(last.at).slice(0, 16).replace("T", " ")} UTC`;
  const would = change === "deleted" ? "delete it" : "undo that";
  return `"${before?.graph.name}" was changed since you pulled it (version ${started}): ${what}, by ${who}. This deploy would ${would}. Run \`openfn pull\` (or \`waybill pull\`), merge, and deploy again; nothing was deployed.`;
}
