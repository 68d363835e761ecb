import { engineMode, inngest } from "@/inngest/client";
import { runRequested } from "@/inngest/events";
import { env } from "@/lib/env";
import { executeRun as execute, type Remember } from "@/lib/execution/execute-run";
import { giveUpRun, queueRunAgain } from "@/lib/execution/give-up-run";
import { executionHost } from "@/lib/processes/host";
import { rememberRarely } from "./remember";
import { againSoon, wasRunnerAway } from "./runner-away";

const { PROJECT_CONCURRENCY } = env();
const isEmbedded = engineMode(env()) === "embedded";

/** One run, job by job. Safe to deliver any number of times: who comes last has the run, and each job is run once. */
export const executeRun = inngest.createFunction(
  {
    id: "execute-run",
    triggers: [runRequested],
    retries: 10,
    // How many run in one engine is the engine's setting; two keys are all that Inngest allows.
    concurrency: [
      { key: "event.data.projectId", limit: PROJECT_CONCURRENCY },
      { key: "has(event.data.lane) ? event.data.lane : event.data.runId", limit: 1 },
    ],
    priority: { run: "event.data.priority" },
    // Our own rows remember what each step did, so Inngest need not hear of it before the run ends.
    checkpointing: { bufferedSteps: 100, maxRuntime: "1h" },
    onFailure: async ({ event, error }) => {
      const { runId } = event.data.event.data as { runId: string };
      await (wasRunnerAway(error) ? queueRunAgain : giveUpRun)(executionHost(), runId);
    },
  },
  async ({ event, step }) => {
    const remember: Remember = (name, work) =>
      step.run(name, () => againSoon(work)) as ReturnType<typeof work>;
    return againSoon(() =>
      execute(executionHost(), event.data.runId, isEmbedded ? remember : rememberRarely(remember)),
    );
  },
);
