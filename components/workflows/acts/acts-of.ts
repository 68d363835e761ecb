import { triggerName } from "@/components/workflows/edge-words";
import type { Act, ActedOn } from "./types";

export type Choice = { words: string; act: Act };

const words = ({ type, cronExpression }: ActedOn["triggers"][number]): string =>
  cronExpression ? `${triggerName(type)} ${cronExpression}` : triggerName(type);

/**
 * What can be switched of a workflow: all of it where it has one trigger, else each of them; one at most is on. An archived
 * workflow is taken out of the archive first.
 */
export function switchesOf({ triggers, isArchived }: ActedOn): Choice[] {
  if (isArchived) return [];
  const [only, ...more] = triggers;
  if (!only) return [];
  if (more.length === 0)
    return [
      { words: only.enabled ? "Switch off…" : "Switch on…", act: { kind: "switch", on: !only.enabled } },
    ];
  return triggers.map((trigger) => ({
    words: `Switch ${trigger.enabled ? "off" : "on"} ${words(trigger)}…`,
    act: { kind: "switch", on: !trigger.enabled, triggerId: trigger.id },
  }));
}

/** The trigger that goes off when this one is switched on; null: none. */
export function goesOff({ triggers }: ActedOn, triggerId: string | undefined): string | null {
  const other = triggers.find(({ id, enabled }) => enabled && id !== triggerId);
  return other ? words(other) : null;
}

/** What is switched, in a sentence: "Payment", or one of its triggers. */
export function switchedName(workflow: ActedOn, triggerId: string | undefined): string {
  const trigger = workflow.triggers.find(({ id }) => id === triggerId);
  return trigger ? `${words(trigger)} of ${workflow.name}` : workflow.name;
}
