import { Inngest } from "inngest";
import { serve } from "inngest/edge";
import type { Database } from "@/db/client";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import type { EngineOptions } from "@/inngest/embedded/options";
import { type Trace, testFunctions } from "./functions";

export type RunRecord = {
  id: string;
  fn: string;
  status: string;
  output: unknown;
  error: { name: string; message: string } | null;
  steps: number;
  started_at: Date | null;
  ended_at: Date | null;
};

const keys = { signingKey: `signkey-test-${"ab".repeat(32)}`, eventKey: "test" };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** An engine over the test functions, with counters and look-ups. Not started. */
export function testEngine(
  database: Database,
  options: Partial<EngineOptions> & { schema: string },
  trace: Trace = () => {},
) {
  const client = new Inngest({
    id: "t",
    isDev: false,
    baseUrl: "http://embedded.local",
    logger: silent,
    ...keys,
    fetch: (input, init) => engine.fetch(input, init),
  });
  const handler = serve({ client, functions: testFunctions(client, trace), enableUnauthedSync: false });
  const calls: Record<string, number> = {};
  const engine: EmbeddedEngine = new EmbeddedEngine({
    database,
    ...keys,
    backoffMs: (attempt) => 50 * 2 ** attempt,
    handler: (request) => {
      const run = request.headers.get("x-run-id");
      if (run) calls[run] = (calls[run] ?? 0) + 1;
      return handler(request);
    },
    ...options,
  });
  const runs = async (fn: string) =>
    database.query<RunRecord>(
      `select id, fn, status, output, error, cardinality(stack) as steps, started_at, ended_at from ${options.schema}.run where fn = $1 order by id`,
      [`t-${fn}`],
    );
  return { engine, client, handler, calls, runs };
}

/** Waits until `probe` gives something truthy. Throws when it takes too long. */
export async function until<T>(probe: () => Promise<T> | T, timeoutMs = 20_000): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > giveUpAt) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
