import { database } from "@/db/client";
import { code, jobsEach, largePayload, workflows } from "./large-project";
import { quantile } from "./load";
import { createTarget, type Target, tokenOf } from "./setup";

const rounds = 15;

/**
 * What a pull (document and YAML) and a deploy without a change cost, of a project of 50 workflows and 500 jobs, through the
 * server; beside a bare select of the same rows. Medians of rounds in which each comes once, in milliseconds.
 */
export async function measureProvision(url: string): Promise<void> {
  const target = await createTarget("provision", code);
  const call = caller(url, await tokenOf(target));
  const { projectId } = target;
  const payload = largePayload(projectId);
  const first = await timed(() => call("POST", "/api/provision/", payload));
  const [document, yaml] = [`/api/provision/${projectId}`, `/api/provision/yaml?id=${projectId}`];
  const acts: Record<string, () => Promise<unknown>> = {
    "bare select of the rows": () => bareSelect(target),
    "GET document": () => call("GET", document),
    "GET YAML": () => call("GET", yaml),
    "pull: both": async () => [await call("GET", document), await call("GET", yaml)],
    "deploy, unchanged": () => call("POST", "/api/provision/", payload),
  };
  const took = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++)
    for (const [name, act] of Object.entries(acts)) {
      const ms = await timed(act);
      // The first of each warms up.
      if (round > 0) took.set(name, [...(took.get(name) ?? []), ms]);
    }
  console.log(
    `\nproject as code, ${workflows} workflows, ${workflows * jobsEach} jobs (the first deploy: ${Math.round(first)} ms)`,
  );
  for (const [name, all] of took)
    console.log(
      `${name.padEnd(26)} p50 ${quantile(all, 0.5).toFixed(0).padStart(5)} ms   p95 ${quantile(all, 0.95).toFixed(0).padStart(5)} ms`,
    );
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
}

const caller = (url: string, token: string) => async (method: string, path: string, body?: string) => {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return text;
};

/** Everything that a document is made of, one statement a table. */
async function bareSelect({ projectId }: Target): Promise<void> {
  for (const table of ["workflows", "jobs", "triggers", "edges"])
    await database().query(`select * from ${table} where project_id = $1`, [projectId]);
}
