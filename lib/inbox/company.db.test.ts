import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { asWork } from "@/db/deadline";
import { testConnect, testDatabase } from "@/lib/testing/database";
import { type InboxWorld, inboxRows, insertRows, toldOf } from "@/lib/testing/inbox-rows";
import { startProxy } from "@/lib/testing/proxy";
import { accept, type InboxHost } from "./accept";
import type { InboxAnswer } from "./answer";
import { Company } from "./company";
import { authDigest, digestKey } from "./digest";
import { executeTogether, type Verdict } from "./execute";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import type { Sent } from "./statement";
import { InboxTurns } from "./turns";

const database = testDatabase();
let keys: Awaited<ReturnType<typeof inboxKeys>>;
let apiKey: string;

beforeAll(async () => {
  const secret = process.env.SECRET_KEY ?? "";
  const made = await inboxKeys(secret);
  // One key for all, so that two worlds hide what they hide alike.
  keys = { ...made, redactionKey: () => made.redactionKey("all") };
  apiKey = await authDigest(await digestKey(secret), "api", "k-1");
});

/** A URL of every kind there is, in projects of their own. The names are the same in every world. */
type World = InboxWorld & { urls: Record<string, string[]> };

const query = (text: string, values: unknown[] = []) => database.query(text, values);

type Row = Record<string, unknown>;

async function world(): Promise<World> {
  const made: World = { projects: {}, urls: { unknown: [randomUUID()] }, names: new Map() };
  const rows = { projects: [] as Row[], workflows: [] as Row[], triggers: [] as Row[] };
  const idOf = (name: string) => {
    const id = randomUUID();
    made.names.set(id, name);
    return id;
  };
  const project = (name: string, settings: Row = {}) => {
    const [id, inbox] = [idOf(name), idOf(`${name} inbox`)];
    rows.projects.push({ id, name, inbox_id: inbox, limit_kind: "soft", ...settings });
    made.projects[name] = id;
    made.urls[`${name} inbox`] = [inbox];
    return id;
  };
  const trigger = (project_id: string, name: string, of: Row = {}, workflow: Row = {}) => {
    const [id, workflow_id] = [idOf(name), idOf(`${name} workflow`)];
    rows.workflows.push({ id: workflow_id, project_id, name, snapshot_id: randomUUID(), ...workflow });
    rows.triggers.push({ id, project_id, workflow_id, type: "webhook", enabled: true, ...of });
    if (of.type === undefined) made.urls[name] = [id];
    return id;
  };
  const filter = (projectId: string, name: string, inclusion: unknown, exclusion: unknown = null) =>
    trigger(projectId, name, { type: "message_filter", inclusion, exclusion });

  const open = project("open");
  filter(open, "visits", { form: "visit" });
  filter(open, "also visits", { form: "visit", n: 1 }, { test: true });
  filter(open, "all", {}, { test: true });
  trigger(open, "hook");
  trigger(open, "ordered", {}, { order_key: "data.key" });
  trigger(open, "paused", {}, { paused_at: new Date() });
  trigger(open, "disabled", { enabled: false });
  const guarded = trigger(open, "guarded");
  trigger(open, "by path", { custom_path: "own" });
  made.urls["by path"] = [open, "own"];
  const soft = project("soft", { runs_per_month: 4 });
  filter(soft, "soft one", {});
  filter(soft, "soft two", { form: "visit" });
  trigger(project("hard", { runs_per_month: 3, limit_kind: "hard" }), "hard hook");
  trigger(project("minute", { runs_per_minute: 3 }), "minute hook");
  trigger(project("ample", { runs_per_month: 1_000_000, runs_per_minute: 100_000 }), "ample hook");
  const rated = project("rated", { rate_per_minute: 5 });
  trigger(rated, "rated hook", { rate_per_minute: 3 });
  trigger(rated, "other rated hook");
  const redacting = project("redacting", { redactions: [{ path: "$.data.form" }] });
  trigger(redacting, "redacting hook", { delivery_id: { path: "data.id" } });
  trigger(project("small", { max_body_bytes: 20 }), "small hook");

  await insertRows("projects", rows.projects, {
    ...{
      id: "uuid",
      name: "text",
      inbox_id: "uuid",
      limit_kind: "text",
      runs_per_month: "int",
      runs_per_minute: "int",
    },
    ...{ rate_per_minute: "int", redactions: "jsonb", max_body_bytes: "int" },
  });
  const workflow = {
    id: "uuid",
    project_id: "uuid",
    name: "text",
    order_key: "text",
    paused_at: "timestamptz",
  };
  await insertRows("workflows", rows.workflows, workflow);
  await insertRows(
    "snapshots",
    rows.workflows.map((of) => ({
      id: of.snapshot_id,
      project_id: of.project_id,
      workflow_id: of.id,
      lock_version: 1,
      graph: {},
    })),
    { id: "uuid", project_id: "uuid", workflow_id: "uuid", lock_version: "int", graph: "jsonb" },
  );
  await query(
    "update workflows w set snapshot_id = s.id from snapshots s where s.workflow_id = w.id and w.project_id = any($1)",
    [Object.values(made.projects)],
  );
  await insertRows("triggers", rows.triggers, {
    ...{
      id: "uuid",
      project_id: "uuid",
      workflow_id: "uuid",
      type: "text",
      enabled: "boolean",
      inclusion: "jsonb",
      exclusion: "jsonb",
    },
    ...{ custom_path: "text", rate_per_minute: "int", delivery_id: "jsonb" },
  });
  const method = randomUUID();
  await query(
    "insert into auth_methods (id, project_id, name, type, secret, digest) values ($1, $2, 'key', 'api', '', $3)",
    [method, open, apiKey],
  );
  await query("insert into trigger_auth_methods values ($1, $2)", [guarded, method]);
  return made;
}

const urlNames = [
  ...["open inbox", "hook", "ordered", "paused", "disabled", "guarded", "by path", "unknown", "soft inbox"],
  ...[
    "hard hook",
    "minute hook",
    "ample hook",
    "rated inbox",
    "rated hook",
    "other rated hook",
    "redacting hook",
    "small hook",
  ],
];
const bodies = [
  ...[
    '{"form":"visit","n":1,"key":"a","id":1}',
    '{"form":"visit","key":"b","id":2}',
    '{"test":true,"form":"visit","id":1}',
  ],
  ...[
    '{"key":"a"}',
    "{}",
    '{"form":"\\u0000","n":1e999999}',
    '{"broken":',
    "größer als ∞",
    '\ufeff{"form":"visit"}',
    "",
  ],
];

type Message = {
  url: string;
  body: string;
  type: string;
  name?: string | undefined;
  key?: string | undefined;
  path?: string | undefined;
};
const message: fc.Arbitrary<Message> = fc.record({
  url: fc.constantFrom(...urlNames),
  body: fc.constantFrom(...bodies),
  type: fc.constantFrom("application/json", "text/plain", "application/octet-stream"),
  name: fc.constantFrom(undefined, undefined, "delivery-1", "delivery-2"),
  key: fc.constantFrom(undefined, "k-1", "wrong"),
  path: fc.constantFrom(undefined, "more"),
});

async function* bytes(text: string) {
  if (text) yield new TextEncoder().encode(text);
}

const send = (
  host: InboxHost,
  { urls }: World,
  { url, body, type, name, key, path }: Message,
  index: number,
) =>
  accept(
    {
      method: "POST",
      segments: [...(urls[url] ?? []), ...(path ? [path] : [])],
      search: path ? "?a=1&a=2" : "",
      headers: {
        "content-type": type,
        "x-index": String(index),
        ...(name ? { "idempotency-key": name } : {}),
        ...(key ? { "x-api-key": key } : {}),
      },
      body: bytes(body),
    },
    host,
  );

const hostOf = (more: Partial<InboxHost> = {}): InboxHost => ({
  query: database.query,
  ...keys,
  maxBodyBytes: 1_000_000,
  memory: new DoorMemory(),
  ...more,
});

/**
 * A host whose requests go in company, once all of them wait. `isInOrder`: a statement begins when the one before it has ended,
 * because two at once do not see each other's deliveries, whoever is in them.
 */
function gathering({ answersOf = database, turns = new InboxTurns(), isInOrder = false } = {}) {
  let before: Promise<unknown> = Promise.resolve();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const statements: Sent[][] = [];
  const done: string[] = [];
  let entered = () => {};
  const company = new Company({
    turns,
    connections: 8,
    longMs: 60_000,
    async execute(sent, ms) {
      if (sent[0]?.urlId === blocker) {
        await opened;
        return [undefined];
      }
      statements.push(sent);
      const host = { query: answersOf.query };
      const begin = () =>
        asWork({ kind: "accept", endsAt: performance.now() + ms }, () => executeTogether(host, sent));
      const executed = isInOrder ? before.then(begin) : begin();
      before = executed.catch(() => {});
      const verdicts = await executed;
      sent.forEach((one, n) => {
        if (!isOnTheWay(verdicts[n])) done.push(one.messageId);
      });
      return verdicts;
    },
  });
  const block = () =>
    company.store(
      { ...blocking, messageId: randomUUID() },
      { endsAt: performance.now() + 60_000, isAlone: false },
    );
  const blocked = Promise.all([block(), block()]);
  const host = hostOf({
    query: answersOf.query,
    within: (ms, work) => asWork({ kind: "accept", endsAt: performance.now() + ms }, work),
    onKnown: (url, projectId) => turns.learn(url, projectId),
    together(sent, how) {
      const stored = company.store(sent, how);
      entered();
      return stored;
    },
  });
  return {
    host,
    statements,
    done,
    /** Begins to send, and waits until it waits for its statement. */
    async enter(begin: () => Promise<InboxAnswer>): Promise<{ answer: Promise<InboxAnswer> }> {
      const waits = new Promise<void>((resolve) => {
        entered = resolve;
      });
      const answer = begin();
      await Promise.race([waits, answer]);
      return { answer };
    },
    async release() {
      open();
      await blocked;
    },
  };
}

const blocker = randomUUID();
const blocking = {
  urlId: blocker,
  customPath: null,
  body: new Uint8Array(),
  isBody: true,
  rules: null,
  delivery: null,
} as unknown as Sent;
const isOnTheWay = (verdict: Verdict | undefined) =>
  verdict?.verdict === "again" || verdict?.verdict === "rules" || verdict?.verdict === "signature";

/** Sends all of them, so that they wait in this order, and then lets them go. */
async function sendTogether(of: ReturnType<typeof gathering>, to: World, messages: Message[]) {
  const answers: Promise<InboxAnswer>[] = [];
  for (const [index, one] of messages.entries()) {
    answers.push((await of.enter(() => send(of.host, to, one, index))).answer);
  }
  await of.release();
  return Promise.all(answers);
}

test("several in one statement get the verdicts, and leave the rows, that they would one by one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 2, maxLength: 30 }), async (messages) => {
      const [together, alone] = [await world(), await world()];
      const of = gathering({ isInOrder: true });
      const answers = await sendTogether(of, together, messages);
      // One by one in the order in which the statements took them.
      const order = of.statements.flat().map((sent) => Number(JSON.parse(sent.headers)["x-index"]));
      const last = [...new Set(order.toReversed())].toReversed();
      const host = hostOf();
      const oracle: InboxAnswer[] = [];
      for (const index of last) {
        const one = messages[index];
        if (one) oracle[index] = await send(host, alone, one, index);
      }
      expect(answers.map(toldOf)).toEqual(oracle.map(toldOf));
      expect(await inboxRows(together)).toEqual(await inboxRows(alone));
    }),
    { numRuns: Number(process.env.COMPANY_RUNS ?? 8) },
  );
}, 300_000);

const hooks = (count: number): Message[] =>
  Array.from({ length: count }, (_, i) => ({
    url: i % 2 ? "hook" : "open inbox",
    body: `{"n":${i}}`,
    type: "application/json",
  }));

test("so many go in one statement, and one that comes alone in one of its own", async () => {
  const of = gathering();
  const answers = await sendTogether(of, await world(), hooks(20));
  expect(of.statements.map((sent) => sent.length)).toEqual([20]);
  expect(new Set(answers.map(({ accepted }) => accepted?.messageId)).size).toBe(20);
});

describe("one that breaks the statement", () => {
  test("is stored as it would be alone, and hurts nobody else", async () => {
    const of = gathering();
    const to = await world();
    // Larger than what jsonb takes of a text within a value: no cleaning helps, and filters see nothing in it.
    const own = of.host.together;
    const together: InboxHost["together"] = (sent, how) =>
      own?.(
        JSON.parse(sent.headers)["x-index"] === "3" && sent.content !== "null"
          ? { ...sent, content: "no JSON", isBody: false }
          : sent,
        how,
      ) ?? Promise.resolve(undefined);
    const messages: Message[] = hooks(8).map((one) => ({ ...one, url: "open inbox" }));
    const answers = await sendTogether({ ...of, host: { ...of.host, together } }, to, messages);
    expect(answers.map(({ status }) => status)).toEqual(messages.map(() => 202));
    expect(of.statements.map((sent) => sent.length)).toEqual([8, ...messages.map(() => 1), 1]);
    const { messages: stored, orders } = await inboxRows(to);
    expect(stored).toHaveLength(8);
    // `all` takes each of them, the one without a meaning, too.
    expect(orders).toHaveLength(8);
  });

  test("by an id that is taken is answered, the others are stored", async () => {
    const of = gathering();
    const to = await world();
    const own = of.host.together;
    let first: string | undefined;
    const together: InboxHost["together"] = (sent, how) => {
      first ??= sent.messageId;
      return (
        own?.(JSON.parse(sent.headers)["x-index"] === "2" ? { ...sent, messageId: first } : sent, how) ??
        Promise.resolve(undefined)
      );
    };
    const sending = { ...of, host: { ...of.host, together } };
    const outcomes: PromiseSettledResult<InboxAnswer>[] = [];
    const answers: Promise<InboxAnswer>[] = [];
    for (const [index, one] of hooks(4).entries()) {
      answers.push((await of.enter(() => send(sending.host, to, one, index))).answer);
    }
    await of.release();
    outcomes.push(...(await Promise.allSettled(answers)));
    // Whichever of the two is first.
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect((await inboxRows(to)).messages).toHaveLength(3);
  });
});

test("a sender who hangs up takes nobody along", async () => {
  const of = gathering();
  const to = await world();
  const gone = new AbortController();
  const answers: Promise<InboxAnswer>[] = [];
  for (const [index, one] of hooks(4).entries()) {
    const signal = index === 1 ? { signal: gone.signal } : {};
    const begin = () =>
      accept(
        {
          method: "POST",
          segments: to.urls[one.url] ?? [],
          search: "",
          headers: { "content-type": one.type, "x-index": String(index) },
          body: bytes(one.body),
          ...signal,
        },
        of.host,
      );
    answers.push((await of.enter(begin)).answer);
  }
  gone.abort();
  await of.release();
  expect((await Promise.all(answers)).every(({ status }) => status < 300)).toBe(true);
  expect((await inboxRows(to)).messages).toHaveLength(4);
});

test("somebody who holds a lock keeps his own project's messages, and those beside them only until they go alone", async () => {
  const of = gathering();
  const to = await world();
  const workflow = [...to.names].find(([, name]) => name === "ordered workflow")?.[0] ?? "";
  const messages: Message[] = [
    { url: "ordered", body: '{"key":"a"}', type: "application/json" },
    { url: "ample hook", body: "{}", type: "application/json" },
  ];
  let let_go = () => {};
  const held = new Promise<void>((resolve) => {
    let_go = resolve;
  });
  let isHeld = () => {};
  const holds = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const holding = database.transaction(async (sql) => {
    await sql.query("select lock_line($1, 'a')", [workflow]);
    isHeld();
    await held;
  });
  await holds;
  const answers: Promise<InboxAnswer>[] = [];
  for (const [index, one] of messages.entries()) {
    answers.push((await of.enter(() => send(of.host, to, one, index))).answer);
  }
  await of.release();
  expect((await answers[1])?.status).toBe(200);
  let_go();
  await holding;
  expect((await answers[0])?.status).toBe(200);
  const rows = await inboxRows(to);
  expect([rows.messages.length, rows.runs.length]).toEqual([2, 2]);
});

describe("the database is lost in the middle", () => {
  test.each(["before it hears", "before it is heard"])(
    "%s: 2xx is committed, and nothing is stored twice",
    async (when) => {
      const url = new URL(inject("databaseUrl"));
      const stretch = await startProxy({ host: url.hostname, port: Number(url.port) });
      if (!("port" in stretch.place)) throw new Error("It listens on TCP.");
      url.port = String(stretch.place.port);
      const through = testConnect(url.href, { max: 4, kind: "accept" });
      try {
        await through.query("select 1");
        const of = gathering({ answersOf: through });
        const to = await world();
        const isHeard = when === "before it is heard";
        let cuts = 1;
        const own = through.query;
        through.query = (async (text: string, values?: unknown[], name?: string) => {
          if (name !== "inbox-accept" || cuts-- <= 0) return own(text, values, name);
          if (!isHeard) stretch.blackhole();
          const coming = own(text, values, name);
          coming.catch(() => {});
          if (isHeard)
            await expect.poll(async () => (await inboxRows(to)).messages.length, { interval: 5 }).toBe(12);
          await stretch.refuse();
          await stretch.heal();
          throw Object.assign(new Error("Connection terminated unexpectedly"), { code: "ECONNRESET" });
        }) as typeof own;
        const answers = await sendTogether(of, to, hooks(12));
        expect(answers.map(({ status }) => status < 300)).toEqual(answers.map(() => true));
        const { messages, runs } = await inboxRows(to);
        expect(messages).toHaveLength(12);
        expect(new Set(messages).size).toBe(12);
        expect(runs.length).toBe(12);
      } finally {
        await through.close();
        await stretch.close();
      }
    },
  );
});
