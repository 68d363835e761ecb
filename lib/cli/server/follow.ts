import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import type { Context } from "@/lib/cli/command";
import { CliFailure, codeOf } from "@/lib/cli/failure";
import { printable } from "@/lib/cli/printable";
import type { LogLevel } from "@/lib/words";
import { isFinal } from "@/lib/workflow/states";
import { logLines, type RunInFull, type RunInList, runInFull, runList } from "./answers";
import type { ProjectApi } from "./project-api";

type Out = Pick<Context["out"], "isJson" | "always" | "warn" | "print" | "coloured">;
export type Watching = { api: ProjectApi; out: Out; signal: AbortSignal; level?: string | undefined };

/** Between two looks at what goes on, in ms. */
const everyMs = 1_000;
/** How long a server may be away while it is watched, in ms. */
const patienceMs = 60_000;
const logPage = 2_000;
const runPage = 50;

/** Prints the logs of runs, each line once, in the order in which steps began. */
export class LogPrinter {
  readonly #watching: Watching;
  /** By step: the last line that was printed. */
  readonly #printed = new Map<string, number>();

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  /** What a run has logged since the last time; null when there is no such run. A final run has logged all. */
  async look(runId: string): Promise<RunInFull | null> {
    const run = await this.#watching.api.find(`/runs/${runId}`, runInFull);
    if (!run) return null;
    // What an earlier run did was logged there.
    for (const step of run.detailedSteps) if (!step.linked) await this.#printStep(run, step);
    if (isFinal(run.state)) for (const { id } of run.detailedSteps) this.#printed.delete(id);
    return run;
  }

  async #printStep(run: RunInFull, { id, jobName }: RunInFull["detailedSteps"][number]): Promise<void> {
    const { api, level } = this.#watching;
    let after: number | null = this.#printed.get(id) ?? -1;
    while (after !== null) {
      const query: [string, string][] = [
        ["after", String(after)],
        ["limit", String(logPage)],
        ...(level ? [["level", level] satisfies [string, string]] : []),
      ];
      const page: z.infer<typeof logLines> = await api.get(`/steps/${id}/logs`, logLines, query);
      for (const line of page.items) this.#print(run.id, id, jobName, line);
      const last = page.items.at(-1);
      if (last) this.#printed.set(id, last.seq);
      after = page.nextAfter;
    }
  }

  #print(runId: string, stepId: string, job: string, line: LogLine): void {
    const { out } = this.#watching;
    if (out.isJson) {
      out.print(JSON.stringify({ runId, stepId, job, ...line }));
      return;
    }
    const colour = colours[line.level];
    const said = printable(line.message);
    const text = colour ? out.coloured(said, colour) : said;
    out.print(`${line.at} ${printable(job)} [${line.source}] ${text}`);
  }
}

type LogLine = z.infer<typeof logLines>["items"][number];

const colours: Partial<Record<LogLevel, "red" | "yellow" | "green" | "grey">> = {
  error: "red",
  warn: "yellow",
  success: "green",
  debug: "grey",
};

/** How a run stands, in a line. */
export const stands = ({ id, workflowName, state, errorType, errorMessage }: RunInList): string =>
  `Run ${id} of ${printable(workflowName)}: ${state}${errorType ? `, ${errorType}: ${printable(errorMessage ?? "")}` : ""}`;

/** Prints a run's log until it has ended. Null when there is no such run. */
export async function followRun(watching: Watching, runId: string): Promise<RunInFull | null> {
  const printer = new LogPrinter(watching);
  return look(watching, async () => {
    const run = await printer.look(runId);
    return { ends: run === null || isFinal(run.state), value: run };
  });
}

/** Prints the logs of the runs that go on now and of all that come, until the signal. */
export async function followProject(watching: Watching): Promise<void> {
  const { api, out } = watching;
  const printer = new LogPrinter(watching);
  const underWay = new Set<string>();
  let newest: string | null = null;
  await look(watching, async () => {
    const found: RunInList[] = await runsSince(api, newest);
    for (const run of found.reverse()) if (newest !== null || !isFinal(run.state)) underWay.add(run.id);
    // Ids grow with time: what comes later is greater.
    newest = found.at(-1)?.id ?? newest ?? "";
    for (const id of underWay) {
      const run = await printer.look(id);
      if (run !== null && !isFinal(run.state)) continue;
      underWay.delete(id);
      if (run && !out.isJson) out.always(stands(run));
    }
    return { ends: false, value: undefined };
  });
}

/** Newest first: the first page, or every run after one. */
async function runsSince(api: ProjectApi, since: string | null): Promise<RunInList[]> {
  const found: RunInList[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: RunInList[]; nextCursor: string | null } = await api.get("/runs", runList, [
      ["limit", String(runPage)],
      ...(cursor ? [["cursor", cursor] satisfies [string, string]] : []),
    ]);
    const fresh = page.items.filter(({ id }) => since === null || id > since);
    found.push(...fresh);
    cursor = since !== null && fresh.length === page.items.length ? page.nextCursor : null;
  } while (cursor);
  return found;
}

/** Looks again and again until there is an end. A server that is away for a while is waited for. */
async function look<T>(
  { out, signal }: Watching,
  once: () => Promise<{ ends: boolean; value: T }>,
): Promise<T> {
  let awaySince: number | null = null;
  while (true) {
    try {
      const { ends, value } = await once();
      awaySince = null;
      if (ends) return value;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      if (awaySince === null) out.warn(`${error.message} Trying again.`);
      awaySince ??= Date.now();
      if (Date.now() - awaySince > patienceMs) throw error;
    }
    await sleep(everyMs, undefined, { signal });
  }
}

/** No answer came, as when a server is started again. */
const isAway = (error: unknown): error is CliFailure =>
  error instanceof CliFailure &&
  (codeOf(error) !== undefined || (error.cause instanceof Error && error.cause.name === "TimeoutError"));
