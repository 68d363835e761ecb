import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { undoBulk } from "@/lib/domain/bulk/change";
import { startBulk } from "@/lib/domain/bulk/start";
import type { Context } from "@/lib/domain/context";
import { cancelRun } from "@/lib/domain/run/cancel";
import { releaseWorkOrder } from "@/lib/domain/run/release";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun, type Remember } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { NotStartedError } from "@/lib/runner/contract";
import { exitReasons } from "@/lib/words";
import {
  changesOf,
  type Machine,
  messageMachine,
  runMachine,
  stepMachine,
  workOrderMachine,
} from "@/lib/workflow/states";
import { ownTestDatabase } from "./database";
import { testExecutionHost } from "./execution-host";
import { contextFor, createTestProject, createTestUser } from "./fixtures";
import { result, ScriptedRunner } from "./scripted-runner";

/** Writes down every change of a state, whoever makes it: the words of lib/workflow/states.ts, null for no row. */
const recorder = `
create table state_changes (machine text, was text, is_now text);
create function note_state() returns trigger language plpgsql as $$
declare
  was text := case when tg_op <> 'INSERT' then coalesce(to_jsonb(old)->>tg_argv[1], 'running') end;
  is_now text := case when tg_op <> 'DELETE' then coalesce(to_jsonb(new)->>tg_argv[1], 'running') end;
begin
  if tg_argv[0] = 'message' and tg_op = 'INSERT' then was := 'waiting'; end if;
  if tg_argv[0] = 'message' and tg_op = 'DELETE' then is_now := 'waiting'; end if;
  if was is distinct from is_now then insert into state_changes values (tg_argv[0], was, is_now); end if;
  return null;
end $$;
create function note_message() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'messages' then
    insert into state_changes values ('message', null, case when new.matches = 0 then 'unmatched' else 'waiting' end);
  elsif exists (select 1 from messages where id = new.message_id and matches = 0) then
    insert into state_changes values ('message', 'unmatched', 'waiting');
  end if;
  return null;
end $$;
create trigger note after insert or update or delete on runs for each row execute function note_state('run', 'state');
create trigger note after insert or update or delete on work_orders for each row execute function note_state('work order', 'state');
create trigger note after insert or update or delete on steps for each row execute function note_state('step', 'exit_reason');
create trigger note after insert or update or delete on job_states for each row execute function note_state('message', 'result');
create trigger note_arrival after insert on messages for each row execute function note_message();
create trigger note_order after insert on work_orders for each row execute function note_message();`;

let database: Database;
let ctx: Context;
let inboxId: string;
let runner: ScriptedRunner;
let host: ExecutionHost;

beforeAll(async () => {
  database = await ownTestDatabase();
  await database.query(recorder);
});

beforeEach(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  inboxId = project.inboxId;
  runner = new ScriptedRunner();
  host = testExecutionHost(runner);
});

type Condition = {
  conditionType: "always" | "js_expression";
  conditionExpression?: string;
  enabled?: boolean;
};

/** A workflow of two jobs, one after the other, that takes messages of the form. Returns its jobs' ids. */
async function workflow(form: string, condition: Condition = { conditionType: "always" }) {
  const [trigger, one, two] = [randomUUID(), randomUUID(), randomUUID()];
  const job = (id: string, name: string) => ({
    id,
    name,
    body: "fn(s => s)",
    adaptor: "@openfn/language-common@3.3.4",
    projectCredentialId: null,
  });
  await saveWorkflow(
    ctx,
    {
      name: form,
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: { form } }],
      jobs: [job(one, "One"), job(two, "Two")],
      edges: [
        { id: randomUUID(), sourceTriggerId: trigger, targetJobId: one, ...condition },
        { id: randomUUID(), sourceJobId: one, targetJobId: two, conditionType: "always" },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  return { one, two };
}

async function send(form: string): Promise<{ messageId: string; runId: string }> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response(JSON.stringify({ form })).body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const messageId = accepted?.messageId ?? "";
  const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
    messageId,
  ]);
  return { messageId, runId: run?.id ?? "" };
}

const once: Remember = (_, work) => work();
const execute = (runId: string) => executeRun(host, runId, once);

/** As if what has happened to the message had been a while ago. */
async function elevenSecondsLater(messageId: string): Promise<void> {
  await database.query(
    "update steps set started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where message_id = $1",
    [messageId],
  );
  await database.query("update runs set created_at = created_at - interval '11 s' where message_id = $1", [
    messageId,
  ]);
}

/** Once more, as if the last start had been a while ago. Returns the new run's id, which waits. */
async function again(messageId: string, jobId: string): Promise<string> {
  await elevenSecondsLater(messageId);
  return (await rerunMessage(ctx, { messageId, jobId })).runIds[0] ?? "";
}

/** An engine that dies while the first job runs. */
async function dieInside(runId: string): Promise<void> {
  const silent = Object.assign(new ScriptedRunner(), { runStep: () => new Promise<never>(() => {}) });
  const dying = testExecutionHost(silent);
  void executeRun(dying, runId, once);
  await vi.waitFor(async () =>
    expect(await database.query("select 1 from steps where run_id = $1", [runId])).toHaveLength(1),
  );
  await dying.executor.leave();
}

describe("what happens to a message", () => {
  test.each(exitReasons)("its job ends with %s, is asked for again, and succeeds", async (reason) => {
    const { one } = await workflow("visit");
    const { messageId, runId } = await send("visit");
    runner.script = () => ({
      reason,
      ...(reason === "success" ? {} : { error: { type: "E", message: "no" } }),
    });
    await execute(runId);
    runner.script = () => ({});
    await execute(await again(messageId, one));
  });

  test("a job that succeeded is run again and fails", async () => {
    const { one } = await workflow("visit");
    const { messageId, runId } = await send("visit");
    await execute(runId);
    runner.script = () => ({ reason: "fail", error: { type: "E", message: "no" } });
    await execute(await again(messageId, one));
  });

  test("one more run is asked for while the first is under way, and waits for its end", async () => {
    const { one } = await workflow("visit");
    const { messageId, runId } = await send("visit");
    let next: string | undefined;
    runner.script = async () => {
      next ??= await again(messageId, one);
      return {};
    };
    await execute(runId);
    await execute(next ?? "");
  });

  test("it is cancelled while it waits, and while a job runs", async () => {
    await workflow("visit");
    await cancelRun(ctx, (await send("visit")).runId);
    const { runId } = await send("visit");
    runner.script = async () => {
      await cancelRun(ctx, runId);
      return {};
    };
    await execute(runId);
  });

  test("its job is lost with the engine that ran it, or after the sweeper has handed its run back", async () => {
    await workflow("visit");
    const { runId } = await send("visit");
    await dieInside(runId);
    await execute(runId);
    const silent = await send("visit");
    await dieInside(silent.runId);
    expect(await sweepUnfinished(host)).toMatchObject({ handedBack: 1 });
    await execute(silent.runId);
  });

  test("a job that ended while nobody listened is followed", async () => {
    await workflow("visit");
    const { runId } = await send("visit");
    await dieInside(runId);
    for (const { id } of await database.query<{ id: string }>("select id from steps where run_id = $1", [
      runId,
    ]))
      runner.known.set(id, result());
    await execute(runId);
  });

  test("the runner is away, then back", async () => {
    await workflow("visit");
    const { runId } = await send("visit");
    runner.script = () => {
      throw new NotStartedError("connect");
    };
    await expect(execute(runId)).rejects.toThrow("cannot be reached");
    runner.script = () => ({});
    await execute(runId);
  });

  test("the runner goes away before what follows a failure, and before a rerun", async () => {
    const { one, two } = await workflow("visit");
    const { messageId, runId } = await send("visit");
    const away = () => {
      throw new NotStartedError("connect");
    };
    runner.script = ({ job }) =>
      job.id === two ? away() : { reason: "fail", error: { type: "E", message: "no" } };
    await expect(execute(runId)).rejects.toThrow("cannot be reached");
    runner.script = () => ({});
    await execute(runId);
    for (const job of [one, two]) {
      const next = await again(messageId, job);
      runner.script = away;
      await expect(execute(next)).rejects.toThrow("cannot be reached");
    }
  });

  test("there is nothing to do, the trigger's condition fails, or the message is gone", async () => {
    await workflow("idle", { conditionType: "always", enabled: false });
    await execute((await send("idle")).runId);
    await workflow("odd", { conditionType: "js_expression", conditionExpression: "state.nowhere.at.all" });
    await execute((await send("odd")).runId);
    await workflow("gone");
    const { messageId, runId } = await send("gone");
    await database.query("delete from messages where id = $1", [messageId]);
    await execute(runId);
  });

  test("the plan has no run left, and later a person releases it", async () => {
    await workflow("visit");
    const plan = (runs: number | null) =>
      database.query("update projects set runs_per_month = $2 where id = $1", [ctx.project.id, runs]);
    await plan(0);
    const { messageId, runId } = await send("visit");
    expect(runId).toBe("");
    await plan(null);
    const [order] = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      messageId,
    ]);
    const { runIds } = await releaseWorkOrder(ctx, { workOrderId: order?.id ?? "" });
    await execute(runIds[0] ?? "");
  });

  test("a bulk act runs it once more, or releases it, and is undone before that has started", async () => {
    await workflow("visit");
    const bulk = { db: database.db, announce: () => {} };
    const undone = async (input: Omit<Parameters<typeof startBulk>[1], "name">) => {
      const { id } = await startBulk(ctx, { name: "again", ...input });
      const ids = { actId: id, projectId: ctx.project.id };
      await carryOutBulk(bulk, ids, 10_000);
      await undoBulk(ctx, id);
      await carryOutBulk(bulk, ids, 10_000);
    };
    for (const reason of exitReasons) {
      const { messageId, runId } = await send("visit");
      runner.script = () => ({
        reason,
        ...(reason === "success" ? {} : { error: { type: "E", message: "no" } }),
      });
      await execute(runId);
      await elevenSecondsLater(messageId);
      await undone({ kind: "rerun", of: { target: "messages", ids: [messageId] } });
    }
    await database.query("update projects set runs_per_month = 0 where id = $1", [ctx.project.id]);
    await send("visit");
    await database.query("update projects set runs_per_month = null where id = $1", [ctx.project.id]);
    await undone({ kind: "release", of: { target: "rejected" } });
  });

  test("no trigger asks for it, and a person processes it", async () => {
    const { one } = await workflow("visit");
    const { messageId } = await send("other");
    const { runIds } = await rerunMessage(ctx, { messageId, jobId: one });
    await execute(runIds[0] ?? "");
  });
});

/** The table's changes as `from → to`. */
const listed = (machine: Machine<string>) => [
  ...new Set(changesOf(machine).map(([from, to]) => `${from} → ${to}`)),
];

test.each<[string, Machine<string>]>([
  ["run", runMachine],
  ["work order", workOrderMachine],
  ["step", stepMachine],
  ["message", messageMachine],
])("the table of a %s lists exactly the changes that were seen", async (name, machine) => {
  const seen = await database.query<{ way: string }>(
    "select distinct coalesce(was, 'null') || ' → ' || coalesce(is_now, 'null') as way from state_changes where machine = $1",
    [name],
  );
  expect(seen.map(({ way }) => way).sort()).toEqual(listed(machine).sort());
});
