import type { Database } from "@/db/client";
import { keepArtefact, provideArtefact } from "@/lib/domain/adaptor/artefacts";
import { log } from "@/lib/log";
import type { LogLine, Runner, StepRequest, StepResult } from "@/lib/runner/contract";

type Host = { database: Pick<Database, "db">; runner: Runner };
type OnLog = (lines: LogLine[]) => void;

/**
 * Runs a step. A runner that lacks the adaptor is given the stored one, once; an adaptor that has run is stored for
 * others. Throws what the runner throws when it cannot be asked.
 */
export async function runStep(
  host: Host,
  request: StepRequest,
  onLog: OnLog,
  signal?: AbortSignal,
): Promise<StepResult> {
  const { adaptor, name } = request.job;
  let result = await host.runner.runStep(request, onLog, signal);
  if (result.lacksAdaptor && (await provide(host, adaptor))) {
    await host.runner.forgetStep(request.stepId);
    result = await host.runner.runStep(request, onLog, signal);
  }
  if (!result.lacksAdaptor) keepOnce(host, adaptor);
  else if (result.error) onLog([lastLine(name, result.error)]);
  return result;
}

async function provide({ database, runner }: Host, adaptor: StepRequest["job"]["adaptor"]): Promise<boolean> {
  try {
    return await provideArtefact(database.db, runner, adaptor);
  } catch (error) {
    log.warn("A stored adaptor could not be given to the runner", { ...adaptor, error });
    return false;
  }
}

const lastLine = (jobName: string, { type, message }: { type: string; message: string }): LogLine => ({
  seq: 0,
  at: Date.now(),
  level: "error",
  source: "R/T",
  message: `${jobName} aborted: ${type}: ${message}`,
});

const kept = new WeakMap<Runner, Set<string>>();

/** Looks once a process whether the adaptor is stored; no step waits for it. */
function keepOnce({ database, runner }: Host, { name, version }: StepRequest["job"]["adaptor"]): void {
  const known = kept.get(runner) ?? new Set();
  kept.set(runner, known);
  const key = `${name}@${version}`;
  if (known.has(key)) return;
  known.add(key);
  runner
    .resolveAdaptor(name, version)
    .then((info) => keepArtefact(database.db, runner, info))
    .catch((error: unknown) => {
      known.delete(key);
      log.warn("An adaptor could not be stored for other runners", { name, version, error });
    });
}
