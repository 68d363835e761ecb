import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { asWork } from "@/db/deadline";
import { testDatabase } from "@/lib/testing/database";
import { type InboxWorld, inboxRows, insertRows, toldOf } from "@/lib/testing/inbox-rows";
import { accept, type InboxHost } from "./accept";
import { Company } from "./company";
import { authDigest, digestKey } from "./digest";
import { executeTogether, type Kind } from "./execute";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import { isShort } from "./short";
import { InboxTurns } from "./turns";

const database = testDatabase();
const query = (text: string, values: unknown[] = []) => database.query(text, values);
let keys: Awaited<ReturnType<typeof inboxKeys>>;
let apiKey: string;

beforeAll(async () => {
  const secret = process.env.SECRET_KEY ?? "";
  const made = await inboxKeys(secret);
  // One key for all, so that two worlds hide what they hide alike.
  keys = { ...made, redactionKey: () => made.redactionKey("all") };
  apiKey = await authDigest(await digestKey(secret), "api", "k-1");
});

/** A project with a webhook and, where a change says so, somebody who listens or a lock. */
type World = InboxWorld & Record<"project" | "inbox" | "workflow" | "trigger" | "filter" | "method", string>;

async function world(): Promise<World> {
  const names = ["project", "inbox", "workflow", "trigger", "filter", "method"] as const;
  const ids = Object.fromEntries(names.map((name) => [name, randomUUID()])) as Record<
    (typeof names)[number],
    string
  >;
  const { project, inbox, workflow, trigger, filter, method } = ids;
  const snapshot = randomUUID();
  const uuid = { id: "uuid", project_id: "uuid", workflow_id: "uuid" };
  const named = { id: "uuid", name: "text" };
  await insertRows("projects", [{ id: project, name: "a", inbox_id: inbox }], { ...named, inbox_id: "uuid" });
  await insertRows("workflows", [{ id: workflow, project_id: project, name: "a" }], {
    ...{ ...named, project_id: "uuid" },
  });
  await insertRows(
    "snapshots",
    [{ id: snapshot, project_id: project, workflow_id: workflow, lock_version: 1, graph: {} }],
    { ...uuid, lock_version: "int", graph: "jsonb" },
  );
  await query("update workflows set snapshot_id = $2 where id = $1", [workflow, snapshot]);
  const of = { project_id: project, workflow_id: workflow };
  await insertRows(
    "triggers",
    [
      { ...of, id: trigger, type: "webhook", enabled: true },
      { ...of, id: filter, type: "message_filter", enabled: false, inclusion: { form: "visit" } },
    ],
    { ...uuid, type: "text", enabled: "boolean", inclusion: "jsonb" },
  );
  await query(
    "insert into auth_methods (id, project_id, name, type, secret, digest, on_inbox) values ($1, $2, 'key', 'api', '', $3, false)",
    [method, project, apiKey],
  );
  return {
    ...ids,
    projects: { project },
    names: new Map(Object.entries(ids).map(([name, id]) => [id, name])),
  };
}

/** Everything that a statement asks about, each with the way back: SQL over the world's own ids. */
const changes: Record<string, [there: string, back: string]> = {
  "the inbox": ["update projects set inbox_enabled = false where id = $1", "inbox_enabled = true"],
  "the trigger": ["update triggers set enabled = false where id = $4", "enabled = true"],
  "a filter": ["update triggers set enabled = true where id = $5", "enabled = false"],
  "a key of the inbox": ["update auth_methods set on_inbox = true where id = $6", "on_inbox = false"],
  "a key of the trigger": [
    "insert into trigger_auth_methods (trigger_id, auth_method_id) values ($4, $6)",
    "delete from trigger_auth_methods where trigger_id = $4",
  ],
  size: ["update projects set max_body_bytes = 20 where id = $1", "max_body_bytes = null"],
  "a full project": [
    "update projects set full_until = now() + interval '1 day' where id = $1",
    "full_until = null",
  ],
  "one that was full": [
    "update projects set full_until = now() - interval '1 s' where id = $1",
    "full_until = null",
  ],
  "a month": ["update projects set runs_per_month = 2 where id = $1", "runs_per_month = null"],
  "a minute": ["update projects set runs_per_minute = 2 where id = $1", "runs_per_minute = null"],
  "a project's rate": ["update projects set rate_per_minute = 100 where id = $1", "rate_per_minute = null"],
  "an inbox's rate": [
    "update projects set inbox_rate_per_minute = 100 where id = $1",
    "inbox_rate_per_minute = null",
  ],
  "a trigger's rate": ["update triggers set rate_per_minute = 100 where id = $4", "rate_per_minute = null"],
  "an inbox's deliveries": [
    `update projects set delivery_id = '{"path":"data.id"}' where id = $1`,
    "delivery_id = null",
  ],
  "a trigger's deliveries": [
    `update triggers set delivery_id = '{"path":"data.id"}' where id = $4`,
    "delivery_id = null",
  ],
  redactions: [
    `update projects set redactions = '[{"path":"$.data.form"}]' where id = $1`,
    "redactions = null",
  ],
  "redactions of nothing": ["update projects set redactions = '[]' where id = $1", "redactions = null"],
  "a paused project": ["update projects set paused_at = now() where id = $1", "paused_at = null"],
  "a paused workflow": ["update workflows set paused_at = now() where id = $3", "paused_at = null"],
  lines: ["update workflows set order_key = 'data.key' where id = $3", "order_key = null"],
  "a deleted workflow": ["update workflows set deleted_at = now() where id = $3", "deleted_at = null"],
  "a workflow without a version": [
    "update workflows set snapshot_id = null where id = $3",
    "update workflows set snapshot_id = (select id from snapshots where workflow_id = $3 limit 1) where id = $3",
  ],
  "a deleted project": [
    "update projects set deletion_scheduled_at = now() where id = $1",
    "deletion_scheduled_at = null",
  ],
  openRosa: ["update triggers set open_rosa = true where id = $4", "open_rosa = null"],
  "a reply after completion": [
    "update triggers set webhook_reply = 'after_completion' where id = $4",
    "webhook_reply = null",
  ],
  "a reply before": [
    "update triggers set webhook_reply = 'before_start' where id = $4",
    "webhook_reply = null",
  ],
  "another URL": [
    "update projects set inbox_id = gen_random_uuid() where id = $1",
    "update projects set inbox_id = $2 where id = $1",
  ],
  "a custom path": ["update triggers set custom_path = 'own' where id = $4", "custom_path = null"],
  GET: ["update triggers set takes_get = true where id = $4", "takes_get = null"],
};

async function change(at: World, name: string, isBack: boolean): Promise<void> {
  const [there, back] = changes[name] ?? ["", ""];
  const text = !isBack
    ? there
    : /^(update|delete) /.test(back)
      ? back
      : there.replace(/set .* where/, `set ${back} where`);
  const ids = [at.project, at.inbox, at.workflow, at.trigger, at.filter, at.method];
  const places = [...new Set(text.match(/\$\d/g))].toSorted();
  const renumbered = places.reduce((sql, place, i) => sql.replaceAll(place, `$${i + 1}`), text);
  await query(
    renumbered,
    places.map((place) => ids[Number(place.slice(1)) - 1]),
  );
}

type Message = {
  url: "inbox" | "trigger" | "path";
  body: string;
  type: string | undefined;
  name: string | undefined;
  key: string | undefined;
  search: string;
  method: string;
};
type Act = { change: string } | { messages: Message[] };

const usually = <T>(value: T, ...others: T[]) =>
  fc.oneof(
    { arbitrary: fc.constant(value), weight: 4 },
    { arbitrary: fc.constantFrom(value, ...others), weight: 1 },
  );
const message: fc.Arbitrary<Message> = fc.record({
  url: fc.constantFrom("inbox", "trigger", "trigger", "inbox", "path"),
  body: fc.constantFrom(
    ...[
      '{"form":"visit","id":1,"key":"a"}',
      "{}",
      "größer als ∞",
      '{"form":"\\u0000"}',
      "",
      '{"broken":',
      '{"id":2}',
    ],
  ),
  type: usually<string | undefined>(
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    undefined,
  ),
  name: usually<string | undefined>(undefined, "delivery-1"),
  key: usually<string | undefined>(undefined, "k-1", "wrong"),
  search: usually("", "?a=1&a=2"),
  method: usually("POST", "GET", "HEAD"),
});
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ change: fc.constantFrom(...Object.keys(changes)) }),
    fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 5 }) }),
  ),
  { minLength: 2, maxLength: 12 },
);

async function* bytes(text: string) {
  if (text) yield new TextEncoder().encode(text);
}

const hostOf = (more: Partial<InboxHost>): InboxHost => ({
  ...{
    query: database.query,
    ...keys,
    maxBodyBytes: 1_000_000,
    memory: new DoorMemory(),
    replyMs: 1,
    ...more,
  },
});

/** By the whole statement alone. */
const whole = () => hostOf({});

/** By every short one first, whoever's URL it is; `done` has how often one of them did. */
function short(done: Record<string, number>): InboxHost {
  return hostOf({
    async together(sent) {
      const kinds: Kind[] = isShort(sent) ? ["stores", "starts"] : [];
      for (const kind of kinds) {
        const [verdict] = await executeTogether(database, [sent], kind);
        if (verdict) done[kind] = (done[kind] ?? 0) + 1;
        if (verdict) return verdict;
      }
      return (await executeTogether(database, [sent]))[0];
    },
  });
}

/** As at the door, which remembers. */
function remembering(asked: Kind[]): InboxHost {
  const turns = new InboxTurns();
  const company = new Company({
    turns,
    connections: 8,
    longMs: 60_000,
    execute(sent, ms, kind) {
      asked.push(kind);
      return asWork({ kind: "accept", endsAt: performance.now() + ms }, () =>
        executeTogether(database, sent, kind),
      );
    },
  });
  return hostOf({
    onKnown: (url, projectId) => turns.learn(url, projectId),
    together: (sent, how) => company.store(sent, how),
  });
}

function send(
  host: InboxHost,
  at: World,
  { url, body, type, name, key, search, method }: Message,
  index: number,
) {
  const isBodiless = method !== "POST";
  return accept(
    {
      method,
      segments: url === "path" ? [at.project, "own"] : [at[url]],
      search,
      headers: {
        ...(type ? { "content-type": type } : {}),
        "x-index": String(index),
        ...(name ? { "idempotency-key": name } : {}),
        ...(key ? { "x-api-key": key } : {}),
      },
      body: isBodiless ? null : bytes(body),
    },
    host,
  );
}

test("whatever is set, and changes between two messages, the short statements do what the whole one does or nothing", async () => {
  const done: Record<string, number> = {};
  const asked: Kind[] = [];
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const hosts = [whole(), short(done), remembering(asked)];
      const worlds = await Promise.all(hosts.map(() => world()));
      const isThere = new Set<string>();
      let index = 0;
      for (const act of all) {
        if ("change" in act) {
          const isBack = isThere.delete(act.change);
          if (!isBack) isThere.add(act.change);
          for (const at of worlds) await change(at, act.change, isBack);
          continue;
        }
        const from = index;
        index += act.messages.length;
        const answers = await Promise.all(
          hosts.map(async (host, i) => {
            const told: unknown[] = [];
            // One after another: what is counted, and what is named alike, goes by the order.
            for (const [n, one] of act.messages.entries())
              told.push(toldOf(await send(host, worlds[i] as World, one, from + n)));
            return told;
          }),
        );
        expect(answers[1]).toEqual(answers[0]);
        expect(answers[2]).toEqual(answers[0]);
      }
      const [first, ...others] = await Promise.all(worlds.map((at) => inboxRows(at)));
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: Number(process.env.SHORT_RUNS ?? 12) },
  );
  expect(Object.keys(done).toSorted()).toEqual(["starts", "stores"]);
}, 300_000);

test.each(Object.keys(changes))(
  "%s: a URL that has done with a short statement does as the whole one says",
  async (name) => {
    const asked: Kind[] = [];
    const hosts = [whole(), remembering(asked)];
    const worlds = await Promise.all(hosts.map(() => world()));
    const plain = { type: "application/json", name: undefined, key: undefined, search: "", method: "POST" };
    const round = async (from: number) => {
      for (const [n, url] of (["inbox", "trigger", "inbox", "trigger"] as const).entries()) {
        const one: Message = { ...plain, url, body: `{"form":"visit","id":${from + n},"key":"a"}` };
        const [a, b] = await Promise.all(
          hosts.map((host, i) => send(host, worlds[i] as World, one, from + n)),
        );
        expect(b && toldOf(b)).toEqual(a && toldOf(a));
      }
    };
    await round(0);
    expect(asked).toEqual(["plain", "plain", "stores", "starts"]);
    for (const at of worlds) await change(at, name, false);
    await round(4);
    for (const at of worlds) await change(at, name, true);
    await round(8);
    const [a, b] = await Promise.all(worlds.map((at) => inboxRows(at)));
    expect(b).toEqual(a);
  },
);
