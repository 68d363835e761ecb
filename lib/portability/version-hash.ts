import { createHash } from "node:crypto";
import { stringifyExact } from "@/lib/exact-json";
import type { WorkflowGraph } from "@/lib/workflow/types";

/**
 * OpenFn's hash of a workflow version: the values of its parts in a fixed order, nothing else (reference: platform
 * §2.2.5, and custom paths, which OpenFn's hash has since they exist). Adaptors count as written, not as pinned. Twelve hexadecimal digits.
 */
export function versionHash(graph: WorkflowGraph): string {
  const text = parts(graph)
    .filter((part) => part !== null && part !== undefined)
    .map((part) => (typeof part === "object" ? stringifyExact(part) : String(part)))
    .join("");
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

type Part = string | number | boolean | object | null | undefined;

function parts({ name, positions, triggers, jobs, edges }: WorkflowGraph): Part[] {
  const nodeName = (id: string | null) =>
    triggers.find((trigger) => trigger.id === id)?.type ?? jobs.find((job) => job.id === id)?.name ?? "";
  const named = edges.map((edge) => ({
    ...edge,
    name: `${nodeName(edge.sourceTriggerId ?? edge.sourceJobId)}-${nodeName(edge.targetJobId)}`,
  }));
  return [
    name,
    positions && roundedUp(positions),
    ...sortedBy(triggers, (trigger) => trigger.type).flatMap((trigger) => [
      trigger.cronCursorJobId,
      trigger.cronExpression,
      trigger.enabled,
      trigger.type,
      trigger.webhookReply,
      trigger.webhookResponseConfig,
      trigger.inclusion === null ? null : { inclusion: trigger.inclusion },
      trigger.exclusion === null ? null : { exclusion: trigger.exclusion },
    ]),
    ...sortedBy(jobs, (job) => job.name.toLowerCase()).flatMap((job) => [
      job.adaptor,
      job.body,
      job.keychainCredentialId,
      job.name,
      job.projectCredentialId,
    ]),
    ...sortedBy(named, (edge) => edge.name).flatMap((edge) => [
      edge.conditionExpression,
      edge.conditionLabel,
      edge.conditionType,
      edge.enabled,
      edge.name,
    ]),
  ];
}

const roundedUp = (positions: NonNullable<WorkflowGraph["positions"]>) =>
  Object.fromEntries(
    sortedBy(Object.entries(positions), ([id]) => id).map(([id, { x, y }]) => [
      id,
      { x: Math.ceil(x), y: Math.ceil(y) },
    ]),
  );

/** By the bytes of the keys, as OpenFn's server sorts. */
const sortedBy = <T>(items: readonly T[], key: (item: T) => string): T[] => {
  const keys = new Map(items.map((item) => [item, Buffer.from(key(item))]));
  return [...items].sort((a, b) => Buffer.compare(keys.get(a) ?? none, keys.get(b) ?? none));
};

const none = Buffer.alloc(0);
