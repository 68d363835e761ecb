import type { DraftGraph, DraftTrigger } from "@/lib/editor/graph";
import { cronProblem, defaultCronExpression, type Schedule } from "@/lib/workflow/cron";
import { timeZoneProblem } from "@/lib/workflow/time-zone";

/** The draft's cron triggers whose schedule can be read, switched on or not. */
export const schedulesOf = ({ triggers }: DraftGraph): { trigger: DraftTrigger; schedule: Schedule }[] =>
  triggers.flatMap((trigger) => {
    const { type, cronExpression, timeZone } = trigger;
    const schedule = { cronExpression: cronExpression ?? defaultCronExpression, timeZone };
    const isSound =
      cronProblem(schedule.cronExpression) === null &&
      (timeZone === null || timeZoneProblem(timeZone) === null);
    return type === "cron" && isSound ? [{ trigger, schedule }] : [];
  });
