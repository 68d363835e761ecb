import type pg from "pg";
import type { Sent } from "./record";

/** The tables whose rows grow with what arrives. */
export const growing = new Set([
  "deliveries",
  "refused_requests",
  "messages",
  "job_states",
  "work_orders",
  "runs",
  "steps",
  "stored_states",
  "log_lines",
  "audit_events",
]);

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[];
};

/** What one execution of a statement came to. */
export type Cost = {
  /** 8 KB buffers touched. */
  pages: number;
  /** Most rows that one sort took in. */
  sorted: number;
  /** Most rows that one look into a table or an index gave: what is counted is counted up to a bound. */
  read: number;
  /** Most partitions of one table that were looked into. */
  partitions: number;
  /** Growing tables that were read from end to end. */
  scanned: string[];
};

/** Behind comments, which say why a statement is about all tenants. */
const isPlanned = /^(\s|\/\*.*?\*\/|--[^\n]*\n)*(with|select|insert|update|delete)\b/is;

/** Whether PostgreSQL plans the statement at all: the rest is `begin`, `set` and the like. */
export const hasPlan = ({ text }: Pick<Sent, "text">): boolean => isPlanned.test(text);

/** Executes the statement once more, measured, and takes back what it did. */
export async function explainAlone(client: pg.ClientBase, { text, values }: Sent): Promise<Cost> {
  await client.query("begin");
  try {
    return await explain(client, text, values);
  } finally {
    await client.query("rollback");
  }
}

/** Executes the statement, measured. */
export async function explain(client: pg.ClientBase, text: string, values: unknown[] = []): Promise<Cost> {
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Node }] }>({
    text: `explain (analyze, buffers, timing off, format json) ${text}`,
    values,
  });
  const plan = rows[0]?.["QUERY PLAN"][0].Plan;
  if (!plan) throw new Error(`No plan for ${text}`);
  return costOf(plan);
}

function costOf(root: Node): Cost {
  const nodes = flatten(root);
  const sorts = nodes.filter(
    (node) => node["Node Type"] === "Sort" || node["Node Type"] === "Incremental Sort",
  );
  return {
    pages: root["Shared Hit Blocks"] + root["Shared Read Blocks"],
    read: Math.max(0, ...nodes.filter((node) => node["Node Type"].includes("Scan")).map(rowsOf)),
    partitions: partitionsOf(nodes),
    sorted: Math.max(0, ...sorts.flatMap((sort) => (sort.Plans ?? []).map(rowsOf))),
    scanned: nodes
      .filter((node) => node["Node Type"] === "Seq Scan" && growing.has(tableOf(node)) && !isSmallPart(node))
      .map(tableOf),
  };
}

/** The table that a partition is of (lib/domain/partition). */
const tableOf = (node: Node) => (node["Relation Name"] ?? "").replace(/_(first|other|\d{8})$/, "");

function partitionsOf(nodes: readonly Node[]): number {
  const looked = new Map<string, Set<string>>();
  for (const node of nodes) {
    const [table, name = ""] = [tableOf(node), node["Relation Name"]];
    if (node["Actual Loops"] > 0 && name !== table)
      looked.set(table, (looked.get(table) ?? new Set()).add(name));
  }
  return Math.max(0, ...[...looked.values()].map((names) => names.size));
}

/** One that is read faster than its index is, or is not read at all. */
const isSmallPart = (node: Node) =>
  node["Relation Name"] !== tableOf(node) && node["Shared Hit Blocks"] + node["Shared Read Blocks"] <= 100;

const rowsOf = (node: Node) => node["Actual Rows"] * node["Actual Loops"];

function flatten(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
