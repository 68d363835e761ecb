import { LruMap } from "@/lib/lru-map";
import { GoneError, stateOf } from "@/lib/state/kept";
import { repeatableText } from "@/lib/state/repeated";
import type { SecretState } from "@/lib/state/sealed";
import type { Persistence } from "@/lib/words";
import { expressionsFrom } from "@/lib/workflow/conditions";
import { stateOfMessage } from "@/lib/workflow/message-state";
import { triggerEdges } from "@/lib/workflow/trigger-edges";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { WalkStart } from "@/lib/workflow/walk";
import type { ExecutionHost } from "./host";
import type { ExecutionStorage, StepRow, StoredRun } from "./storage";

/** A run that this executor has, or that waits and that it is about to open. */
export type HeldRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  graph: WorkflowGraph;
  /** The executor has it: it took it over, or opened it. */
  isHeld: boolean;
  /** Under which the executor has it, or while it waits the one before that. */
  epoch: number;
  /** What there was of it when it was taken over, in order. */
  steps: StepRow[];
  /** Of these the one that was begun with the claim, as long as it was given to nobody. */
  begunId: string | null;
  /** A person asked for it, or a bulk act. */
  isAsked: boolean;
  /** How often it was handed back. */
  askedAgain: number;
  inputDataclipId: string | null;
  /** What the message said that it begins with, where a state that repeats it may refer to it. */
  said: string | null;
  /** Hosts the project allows, null = any public one. */
  onlyHosts: string[] | null;
  persistence: Persistence;
};

/** A run that is to be executed, with everything its steps share. */
export type ExecutableRun = HeldRun & {
  start: WalkStart;
  /** Edges taken after the trigger, where expressions decided: what the step that opens the run keeps. */
  startingEdges: string[] | null;
  /** The run's own input, and what is not to be shown of it; why it is gone, when the run has begun and may need it no more. */
  input: SecretState | GoneError;
};

/** A run that somebody has just read, and its first step when he has begun that, too. */
export type LoadedRun = StoredRun & { begun?: StepRow };

/** The clocks of those who deliver a run and of the storage may differ by this: what comes so early is waited for. */
const earlyMs = 5_000;

/**
 * Loads a run, and takes it over when it has begun. Null when there is nothing to do: it is unknown or over, or waits on
 * purpose for a step's next attempt, and will be delivered for that. `loaded` is the run when somebody has just read it.
 */
export async function holdRun(
  host: ExecutionHost,
  runId: string,
  loaded?: LoadedRun,
): Promise<{ run: HeldRun; stored: StoredRun } | null> {
  const [stored]: (LoadedRun | null)[] = loaded ? [loaded] : await host.storage.loadRuns([runId]);
  if (!stored || stored.waitsMs > earlyMs) return null;
  if (stored.waitsMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, stored.waitsMs));
    return holdRun(host, runId);
  }
  const { begun } = stored;
  const taken = stored.hasBegun ? await host.storage.takeOver(runId, host.executor.id) : null;
  if (stored.hasBegun && !taken) return null;
  const {
    id,
    projectId,
    workflowId,
    workOrderId,
    messageId,
    onlyHosts,
    persistence,
    dataclipId,
    isAsked,
    askedAgain,
  } = stored;
  const run = {
    ...{ id, projectId, workflowId, workOrderId, messageId, onlyHosts, persistence, isAsked, askedAgain },
    graph: await snapshotGraph(host, stored),
    isHeld: stored.hasBegun || begun !== undefined,
    epoch: taken?.epoch ?? begun?.epoch ?? stored.epoch,
    steps: taken?.steps ?? (begun ? [begun] : []),
    begunId: begun?.id ?? null,
    inputDataclipId: dataclipId,
    said: repeatableText(stored.message),
  };
  return { run, stored };
}

/**
 * What is needed to walk a run. Where one that has begun begins is read, and not decided again: an expression need not say
 * the same twice. Throws `GoneError` when the input of one that waits is gone, and `TriggerConditionError` when nobody can
 * say where it begins.
 */
export async function prepareRun(
  host: ExecutionHost,
  run: HeldRun,
  stored: StoredRun,
): Promise<ExecutableRun> {
  const input = await inputOf(host.storage, stored).catch((error: unknown) => {
    if (run.isHeld && error instanceof GoneError) return error;
    throw error;
  });
  return Object.assign(run, { input, ...(await beginningOf(host, run, stored, input)) });
}

async function beginningOf(
  host: ExecutionHost,
  { projectId, graph }: HeldRun,
  { startingJobId, startingTriggerId, startingEdges: known }: StoredRun,
  input: SecretState | GoneError,
): Promise<Pick<ExecutableRun, "start" | "startingEdges">> {
  if (startingJobId) return { start: { jobId: startingJobId }, startingEdges: null };
  const triggerId = startingTriggerId ?? "";
  const expressions = expressionsFrom(graph, { triggerId });
  if (expressions.length === 0)
    return { start: { triggerId, takenEdgeIds: triggerEdges(graph, triggerId, {}) }, startingEdges: null };
  const decide = async () => {
    if (input instanceof GoneError) throw input;
    const decisions = await host.runners.any().evaluate(projectId, input.text, expressions);
    return triggerEdges(graph, triggerId, decisions);
  };
  const startingEdges = known ?? (await decide());
  return { start: { triggerId, takenEdgeIds: startingEdges }, startingEdges };
}

/** What a run begins with. Throws `GoneError`. */
export async function inputOf(
  storage: Pick<ExecutionStorage, "withBody">,
  { projectId, dataclipId, clip, message }: StoredRun,
): Promise<SecretState> {
  if (dataclipId) return stateOf(projectId, clip);
  if (!message) throw new GoneError("Its message was deleted, or what it said was wiped.");
  const whole = message.payload === null ? message : await storage.withBody(projectId, message);
  return { text: await stateOfMessage(whole), hidden: [] };
}

const maxKeptChars = 50_000_000;
const graphs = new LruMap<string, WorkflowGraph>(500, maxKeptChars);

const charsOf = ({ jobs }: WorkflowGraph) => jobs.reduce((sum, { body }) => sum + body.length, 0);

/** Snapshots never change, so the last few hundred are kept. */
async function snapshotGraph(
  { storage }: ExecutionHost,
  { projectId, snapshotId: id }: StoredRun,
): Promise<WorkflowGraph> {
  const known = graphs.get(id);
  if (known) return known;
  const graph = await storage.loadGraph(projectId, id);
  graphs.set(id, graph, charsOf(graph));
  return graph;
}
