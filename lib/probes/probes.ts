import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "./readiness";

export type ProbedRole = "inbox" | "web" | "engine" | "runner";

/** What each probe of a process says, by its path. */
export type Probes = Record<string, { role: ProbedRole; problem(): Promise<Problem> | Problem }>;

type Process = {
  role: ProbedRole;
  /** Whether it can do its own work: never a matter of another role's health. */
  problem(): Promise<Problem> | Problem;
  /** Whether it has been told to stop: it is alive then, and wants nothing new. */
  isStopping(): boolean;
};

/** `/livez`: its event loop turns, or nobody would answer. `/readyz`: it can do its work, and has not been told to stop. */
export const probesOf = ({ role, problem, isStopping }: Process): Probes => ({
  "/livez": { role, problem: () => null },
  "/readyz": { role, problem: () => (isStopping() ? "is being stopped" : problem()) },
});

/** Answers a request for a probe: 200 or 503, and a small JSON object. Says whether it was one. */
export function answerProbe(probes: Probes, request: IncomingMessage, response: ServerResponse): boolean {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const probe = Object.hasOwn(probes, path) ? probes[path] : undefined;
  if (!probe) return false;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", "content-length": 0 }).end();
    return true;
  }
  void Promise.resolve(probe.problem()).then((problem) => {
    const body = JSON.stringify({
      ok: problem === null,
      role: probe.role,
      ...(problem === null ? {} : { reason: problem }),
    });
    response.writeHead(problem === null ? 200 : 503, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  return true;
}
