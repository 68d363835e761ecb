import { expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { textTables } from "./tables";

const database = testDatabase();

/** Looked through by places of their own: messages, runs with steps and logs, states, items of collections, refused requests, tests of drafts, mails, the project. */
const own = [
  "messages",
  "runs",
  "steps",
  "step_attempts",
  "log_lines",
  "stored_states",
  "collection_items",
  "refused_requests",
  "test_runs",
  "test_steps",
  "mails",
  "projects",
];

const graph = "its workflow's newest version says the same";
const collaborators = "collaborators, whose accounts are deleted by themselves";
const codes = "ids, digests, words and addresses of the product's own";

/** Tables of projects with texts that are not looked through, and why. */
const others: Record<string, string> = {
  jobs: graph,
  triggers: graph,
  edges: graph,
  job_states: "names of jobs, which versions have",
  work_orders: codes,
  outbox: codes,
  deliveries: "digests, which stand for what the message itself says, and are forgotten",
  bulk_refusals: codes,
  issue_orders: codes,
  issue_days: codes,
  usage_days: codes,
  end_counts: codes,
  plan_notices: codes,
  taken_ids: codes,
  trigger_auth_methods: codes,
  oauth_consents: codes,
  retention_cursors: codes,
  retention_left: codes,
  logs_gone: codes,
  payloads: "keyed digests, sealed keys: what lies apart is looked through as what its message says",
  emptied_collections: codes,
  draft_tests: codes,
  deploys: codes,
  invitations: collaborators,
  project_members: collaborators,
  api_tokens: collaborators,
  project_tokens: "names of repositories, digests",
  notice_rules: codes,
  person_requests: "sealed keys, and reasons that may not name whom they are about",
  person_items: "ids; what stands around a key is sealed",
  wipe_certificates: "keyed digests, and the reasons",
};

test("every table that has texts of a project is looked through, or is listed with why not", async () => {
  const found = await database.query<{ name: string }>(
    `select distinct c.table_name as name from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
     where c.table_schema = 'public' and c.data_type in ('text', 'jsonb', 'json', 'bytea', 'ARRAY')
       and (exists (select 1 from information_schema.columns p where p.table_schema = 'public' and p.table_name = c.table_name and p.column_name = 'project_id')
         or c.table_name = any($1::text[]))
     order by 1`,
    [own],
  );
  const looked = new Set([...own, ...textTables.map(({ table }) => table), ...Object.keys(others)]);
  expect(found.map(({ name }) => name).filter((name) => !looked.has(name))).toEqual([]);
});

test("what is looked through is there", async () => {
  for (const { table, columns } of textTables) {
    const there = await database.query<{ name: string }>(
      "select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1",
      [table],
    );
    expect([table, columns.filter((column) => !there.some(({ name }) => name === column))]).toEqual([
      table,
      [],
    ]);
  }
});
