import { z } from "zod";
import { finalRunStates } from "@/lib/words";

const counted = z.strictObject({ count: z.number(), isMore: z.boolean() });
const numbers = z.strictObject({
  messages: counted.nullable(),
  runs: counted,
  states: z.partialRecord(z.enum(finalRunStates), counted.optional()),
});
const moment = z.iso.datetime();

/** What a digest's notice holds: numbers and ids, counted once, so that whoever gets it twice gets the same. */
export const digestData = z.strictObject({
  ruleId: z.uuid(),
  digest: z.enum(["daily", "weekly", "monthly"]),
  timeZone: z.string(),
  from: moment,
  to: moment,
  isOfSome: z.boolean(),
  numbers,
  /** Null where the time before is not kept any more. */
  before: numbers.nullable(),
  issues: z.strictObject({
    open: counted,
    begun: z.number(),
    begunBefore: z.number(),
    returned: z.number(),
    resolved: z.number(),
  }),
  slowest: z.strictObject({ workflowId: z.uuid(), medianMs: z.number() }).nullable(),
});
export type DigestData = z.infer<typeof digestData>;

/** Whether there is something to say: it came, ran or began, or is open. */
export const saysSomething = ({ numbers: { messages, runs }, issues }: DigestData): boolean =>
  (messages?.count ?? 0) + runs.count + issues.open.count + issues.begun + issues.resolved > 0;
