import type { Inngest } from "inngest";
import { inngest } from "@/inngest/client";
import { apiOf, type InngestApi, namedServer } from "./api";
import { type ServedFunctions, type Standing, servedFunctions } from "./functions";

/** What to do about each way in which Inngest is not there for us, in words that anybody may read. */
const problems: Record<Exclude<Standing["kind"], "ready" | "silent">, string> = {
  refused: "Inngest refuses INNGEST_SIGNING_KEY: set the one that it was started with. Runs wait until then.",
  unregistered:
    "Inngest does not know Waybill's functions yet: the engine registers them within seconds. If it stays so, see the engine's log.",
  outdated:
    "Inngest knows the functions of another release: the engine registers this one's within seconds. If it stays so, another release's engine is running.",
};

const silence = (status: number | null): string =>
  `Inngest ${status === null ? "does not answer" : `answers with status ${status}`}: start it, or set INNGEST_BASE_URL to where it is. Messages are accepted, and their runs wait.`;

/** What the outbox holds for this long does not leave it. */
const stuckAfterMs = 15_000;

/** Why Inngest does not drive our functions, and what to do; null when it does. Never throws. */
export async function serverProblem(
  served: ServedFunctions,
  api: InngestApi,
  takesEvents: () => Promise<boolean>,
  oldestOutboxMs: number,
): Promise<string | null> {
  const standing = await served.standing(api);
  if (standing.kind === "silent") return silence(standing.status);
  if (standing.kind !== "ready") return problems[standing.kind];
  if (oldestOutboxMs < stuckAfterMs) return null;
  if (await takesEvents())
    return "Events have waited in the outbox for long: see the engine's log for why they could not be sent.";
  return "Inngest refuses INNGEST_EVENT_KEY: set the one that it was started with. Runs wait until then.";
}

/** Shorter than the patience of whoever asks how everything does. */
const deadlineMs = 1_500;

/** Whether Inngest takes our event key: an empty request is nothing but a question. Never throws. */
export async function takesEventKey({ eventKey, eventBaseUrl }: Inngest.Any): Promise<boolean> {
  const url = new URL(`/e/${eventKey ?? ""}`, eventBaseUrl);
  const response = await fetch(url, {
    method: "POST",
    body: "[]",
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(deadlineMs),
  }).catch(() => null);
  await response?.body?.cancel();
  return response === null || (response.status !== 401 && response.status !== 403);
}

const keptMs = 3_000;
let last: { at: number; problem: Promise<string | null> } | undefined;

/** `serverProblem` of the Inngest that the environment names, asked at most once in three seconds. */
export function namedServerProblem(oldestOutboxMs: number): Promise<string | null> {
  if (!last || performance.now() - last.at > keptMs)
    last = {
      at: performance.now(),
      problem: serverProblem(
        servedFunctions(),
        apiOf(namedServer(), deadlineMs),
        () => takesEventKey(inngest),
        oldestOutboxMs,
      ),
    };
  return last.problem;
}
