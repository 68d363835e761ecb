import { setTimeout as wait } from "node:timers/promises";
import { cron, type Inngest, NonRetriableError, RetryAfterError } from "inngest";

export type Trace = (...words: unknown[]) => void;

/** One function of every shape that the engine must drive. `trace` hears what user code does. */
export function testFunctions(inngest: Inngest, trace: Trace) {
  const seq3 = inngest.createFunction(
    { id: "seq3", triggers: [{ event: "t/seq3" }], retries: 4 },
    async ({ event, step, attempt }) => {
      const a = await step.run("one", () => {
        trace("seq3 one");
        return { n: 1 };
      });
      const b = await step.run("two", () => {
        trace("seq3 two", attempt);
        if (attempt < 2) throw new Error(`boom ${attempt}`);
        return { n: a.n + 1 };
      });
      const c = await step.run("three", () => ({ n: b.n + 1 }));
      return { total: c.n, tag: event.data.tag };
    },
  );
  const par = inngest.createFunction(
    { id: "par", triggers: [{ event: "t/par" }], retries: 1 },
    async ({ step }) => {
      const parts = await Promise.all([1, 2, 3].map((i) => step.run(`p${i}`, () => wait(50, i))));
      return step.run("sum", () => parts.reduce((x, y) => x + y, 0));
    },
  );
  const dag = (id: string, isRace: boolean) =>
    inngest.createFunction(
      { id, triggers: [{ event: `t/${id}` }], retries: 3 },
      async ({ event, step, group }) => {
        const note = (what: string) => trace(id, event.data.tag, what);
        const short = async () => {
          await step.run("A", () => wait(100).then(() => note("A")));
          await step.run("B", () => note("B"));
        };
        const body = () => Promise.all([short(), step.run("C", () => wait(1500).then(() => note("C")))]);
        await (isRace ? group.parallel({ mode: "race" }, body) : body());
      },
    );
  const nap = inngest.createFunction(
    { id: "nap", triggers: [{ event: "t/nap" }] },
    async ({ event, step }) => {
      const before = await step.run("before", () => Date.now());
      await step.sleep("zzz", event.data.for ?? "1s");
      return (await step.run("after", () => Date.now())) - before;
    },
  );
  const waiter = inngest.createFunction({ id: "waiter", triggers: [{ event: "t/waiter" }] }, ({ step }) =>
    step.waitForEvent("w", { event: "t/answer", timeout: "1m" }),
  );
  const parent = inngest.createFunction({ id: "parent", triggers: [{ event: "t/parent" }] }, ({ step }) =>
    step.invoke("inv", { function: fnerr, data: {} }),
  );
  const failing = inngest.createFunction(
    {
      id: "failing",
      triggers: [{ event: "t/failing" }],
      retries: 1,
      onFailure: async ({ event, error, step }) => {
        await step.run("of", () => trace("onFailure", event.data.event.data.tag, error.message));
      },
    },
    async ({ step }) => {
      await step
        .run("caught", () => {
          throw new NonRetriableError("no-retry");
        })
        .catch(() => {});
      await step.run("ra", () => {
        throw new RetryAfterError("slow down", "1s");
      });
    },
  );
  const fnerr = inngest.createFunction(
    { id: "fnerr", triggers: [{ event: "t/fnerr" }], retries: 1 },
    async ({ attempt }) => {
      if (attempt === 0) throw new Error("top");
      return "ok";
    },
  );
  const limited = inngest.createFunction(
    {
      id: "limited",
      triggers: [{ event: "t/limited" }],
      concurrency: [{ limit: 2, key: "event.data.tenant" }],
      retries: 0,
    },
    async ({ event, step }) => {
      await step.run("work", async () => {
        trace("limited start", event.data.tenant);
        await wait(event.data.ms ?? 30);
        trace("limited end", event.data.tenant);
      });
    },
  );
  const tick = inngest.createFunction(
    { id: "tick", triggers: [cron("TZ=Europe/Paris * * * * *")], retries: 0 },
    ({ event }) => {
      trace("tick", JSON.stringify(event.data));
    },
  );
  const sender = inngest.createFunction(
    { id: "sender", triggers: [{ event: "t/send" }], retries: 0 },
    async ({ event, step }) => {
      await step.sendEvent("go", { name: "t/buffered", data: { trace: event.data.trace } });
    },
  );
  const slow = inngest.createFunction(
    { id: "slow", triggers: [{ event: "t/slow" }], retries: 3 },
    async ({ event, step }) => {
      for (let i = 0; i < 5; i++) {
        await step.run(`s${i}`, async () => {
          trace("slow start", event.data.id, i);
          await wait(event.data.ms ?? 100);
          trace("slow end", event.data.id, i);
        });
      }
    },
  );
  const odd = inngest.createFunction(
    { id: "odd", triggers: [{ event: "t/odd" }], retries: 0 },
    async ({ step }) => step.run("odd", () => "nul \0 and half \ud800 a pair"),
  );
  const urgent = inngest.createFunction(
    { id: "urgent", triggers: [{ event: "t/urgent" }], priority: { run: "event.data.priority" }, retries: 0 },
    async ({ event }) => {
      trace("urgent", event.data.tag);
      await wait(event.data.ms ?? 1);
    },
  );
  const laned = inngest.createFunction(
    {
      id: "laned",
      triggers: [{ event: "t/laned" }],
      concurrency: [
        { key: "event.data.tenant", limit: 3 },
        { key: "has(event.data.lane) ? event.data.lane : event.data.tag", limit: 1 },
      ],
      priority: { run: "event.data.priority" },
      retries: 0,
    },
    async ({ event }) => {
      trace("laned", event.data.tag);
      await wait(event.data.ms ?? 1);
    },
  );
  const one = (id: string, bufferedSteps: number) =>
    inngest.createFunction(
      { id, triggers: [{ event: `t/${id}` }], retries: 0, checkpointing: { bufferedSteps } },
      async ({ event, step }) => {
        if (event.data.trace) trace(id, event.data.trace);
        await step.run("only", () => 1);
      },
    );
  const three = inngest.createFunction(
    { id: "three", triggers: [{ event: "t/three" }], retries: 0, checkpointing: { bufferedSteps: 100 } },
    async ({ step }) => {
      for (const name of ["a", "b", "c"]) await step.run(name, () => name);
    },
  );
  const flows = [seq3, par, dag("wave", false), nap, failing, fnerr];
  const unsupported = [dag("race", true), waiter, parent];
  const ruled = [limited, laned, urgent, tick, sender, slow, odd];
  return [...flows, ...unsupported, ...ruled, one("checkpointed", 1), one("buffered", 100), three];
}
