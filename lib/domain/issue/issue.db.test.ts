import { beforeEach, describe, expect, test } from "vitest";
import { carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { getBulkAct, listBulkRefusals } from "@/lib/domain/bulk/get";
import { previewBulk } from "@/lib/domain/bulk/preview";
import { startBulk } from "@/lib/domain/bulk/start";
import { setProtection } from "@/lib/domain/mask/set";
import { getMessage } from "@/lib/domain/message/get";
import type { DueNotice } from "@/lib/domain/notice/contents";
import { getRun } from "@/lib/domain/run/get";
import { listRuns } from "@/lib/domain/run/list";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { getIssue, listIssueOrders } from "./get";
import { countOpenIssues, listIssues } from "./list";
import { issueContent } from "./notice";
import { rerunIssue } from "./rerun";
import { collect, fail } from "./testing";
import { updateIssue } from "./update";

const database = await ownTestDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

/** The clinic's issue after so many failures, more than ten seconds ago. */
async function issueOf(count: number, message = "no"): Promise<{ id: string; messages: string[] }> {
  const messages: string[] = [];
  for (let n = 0; n < count; n++) messages.push(await fail(clinic, message));
  for (const id of messages) await elevenSecondsLater(id);
  await collect();
  const { items } = await listIssues(clinic.ctx);
  return { id: items[0]?.id ?? "", messages };
}
const carryOut = (actId: string) =>
  carryOutBulk({ db: database.db, announce: () => {} }, { actId, projectId: clinic.project.id }, 10_000);
const runsOf = async (bulk: string) => (await listRuns(clinic.ctx, { bulk })).items;

describe("the list", () => {
  test("shows who failed last first, page by page, by state and workflow", async () => {
    for (const message of ["a", "b", "c"]) {
      await fail(clinic, message);
      await collect();
    }
    await fail(clinic, "a");
    await collect();
    const first = await listIssues(clinic.ctx, { limit: 2 });
    expect(first.items.map(({ title }) => title)).toEqual(["a", "c"]);
    const second = await listIssues(clinic.ctx, { limit: 2, cursor: first.nextCursor ?? "" });
    expect(second.items.map(({ title }) => title)).toEqual(["b"]);
    expect(second.nextCursor).toBeNull();
    const b = second.items[0]?.id ?? "";
    await updateIssue(clinic.ctx, { id: b, state: "acknowledged" });
    const open = await listIssues(clinic.ctx, { state: "open" });
    expect(open.items.map(({ title }) => title)).toEqual(["a", "c"]);
    expect(await countOpenIssues(clinic.ctx)).toBe(2);
    const { hook, visit } = clinic.workflows;
    expect((await listIssues(clinic.ctx, { workflow: hook })).items).toHaveLength(3);
    expect((await listIssues(clinic.ctx, { workflow: hook, state: "acknowledged" })).items).toHaveLength(1);
    expect((await listIssues(clinic.ctx, { workflow: visit })).items).toEqual([]);
  });

  test("says of each what there is to know", async () => {
    const { id } = await issueOf(2);
    const issue = await getIssue(clinic.as("viewer"), id);
    expect(issue).toMatchObject({
      ...{ workflowName: "Hook", jobName: "Hooked", errorType: "JobError", runState: "failed", title: "no" },
      ...{ state: "open", count: 2, affected: 2, changedBy: null, returned: 0 },
    });
    expect(issue.trend).toHaveLength(14);
    expect(issue.trend.at(-1)).toBe(2);
    expect(Date.parse(issue.firstSeenAt)).toBeLessThan(Date.parse(issue.lastSeenAt));
  });
});

test("what it affects is listed, newest first, with the newest failure of each, and what has succeeded since on demand", async () => {
  const { id, messages } = await issueOf(3);
  await rerunMessage(clinic.ctx, { messageId: messages[1] ?? "", jobId: clinic.jobs.hooked });
  await clinic.execute(messages[1] ?? "");
  await collect();
  const { items } = await listIssueOrders(clinic.ctx, { id });
  expect(items.map(({ messageId }) => messageId)).toEqual([messages[2], messages[0]]);
  expect(items[0]).toMatchObject({
    state: "failed",
    error: "no",
    times: 1,
    healedAt: null,
    preview: '{"n":1}',
  });
  const page = await listIssueOrders(clinic.ctx, { id, all: "true", limit: 2 });
  expect(page.items.map(({ healedAt }) => healedAt !== null)).toEqual([false, true]);
  const rest = await listIssueOrders(clinic.ctx, {
    id,
    all: "true",
    limit: 2,
    cursor: page.nextCursor ?? "",
  });
  expect(rest.items.map(({ messageId }) => messageId)).toEqual([messages[0]]);
});

test("a receipt and a run name the issues of their failures", async () => {
  const { id, messages } = await issueOf(1);
  const receipt = await getMessage(clinic.ctx, messages[0] ?? "");
  expect(receipt.workOrders[0]?.issues).toMatchObject([{ id, state: "open", count: 1, healedAt: null }]);
  const run = await getRun(clinic.ctx, receipt.workOrders[0]?.runs[0]?.id ?? "");
  expect(run.issues).toMatchObject([{ id }]);
});

describe("a person says how it stands", () => {
  test("acknowledged, resolved, ignored and open again, on record", async () => {
    const { id } = await issueOf(1);
    for (const state of ["acknowledged", "resolved", "ignored", "open"] as const) {
      const issue = await updateIssue(clinic.as("editor"), { id, state });
      expect(issue).toMatchObject({ state, changedBy: clinic.ctx.actor.label });
    }
    const audit = await database.query<{ to: string }>(
      `select after->>'state' as to from audit_events where event = 'issue.update' and item_id = $1 order by id`,
      [id],
    );
    expect(audit.map(({ to }) => to)).toEqual(["acknowledged", "resolved", "ignored", "open"]);
  });

  test("until a day, or so many failures more", async () => {
    const { id } = await issueOf(2);
    const until = new Date(Date.now() + 86_400_000).toISOString();
    expect(await updateIssue(clinic.ctx, { id, state: "ignored", ignoredUntil: until })).toMatchObject({
      ignoredUntil: until,
      ignoredUntilCount: null,
    });
    expect(await updateIssue(clinic.ctx, { id, state: "ignored", ignoredFor: 3 })).toMatchObject({
      ignoredUntil: null,
      ignoredUntilCount: 5,
    });
    expect(await updateIssue(clinic.ctx, { id, state: "open" })).toMatchObject({ ignoredUntilCount: null });
  });

  test("not as a viewer, not until what is over or years away, and not until something unless ignored", async () => {
    const { id } = await issueOf(1);
    const ignore = (ignoredUntil: string) => updateIssue(clinic.ctx, { id, state: "ignored", ignoredUntil });
    await expectRefusal(updateIssue(clinic.as("viewer"), { id, state: "resolved" }), "forbidden");
    await expectRefusal(ignore(new Date(Date.now() - 1_000).toISOString()), "invalid");
    await expectRefusal(ignore("2099-01-01T00:00:00Z"), "invalid");
    await expectRefusal(updateIssue(clinic.ctx, { id, state: "resolved", ignoredFor: 3 }), "invalid");
    expect(await getIssue(clinic.ctx, id)).toMatchObject({ state: "open", changedBy: null });
  });

  test("while failures of it are collected, and neither is lost", async () => {
    const { id } = await issueOf(1);
    for (let n = 0; n < 3; n++) {
      await fail(clinic);
      await Promise.all([collect(), updateIssue(clinic.ctx, { id, state: "acknowledged" })]);
    }
    expect(await getIssue(clinic.ctx, id)).toMatchObject({ state: "acknowledged", count: 4 });
  });
});

describe("rerunning what it affects", () => {
  test("starts each newest failure from its job on, and what succeeds is healed", async () => {
    const { id, messages } = await issueOf(3);
    const act = await rerunIssue(clinic.as("editor"), { id });
    expect(act).toMatchObject({
      kind: "rerun",
      target: "issue",
      total: 3,
      jobName: "Hooked",
      version: "latest",
    });
    expect(act.filterNames).toEqual({ issue: "Hooked" });
    await carryOut(act.id);
    const runs = await runsOf(act.id);
    expect(runs.map(({ messageId }) => messageId).sort()).toEqual([...messages].sort());
    for (const message of messages) await clinic.execute(message);
    await collect();
    expect(await getIssue(clinic.ctx, id)).toMatchObject({ state: "resolved", affected: 0, changedBy: null });
    await expectRefusal(rerunIssue(clinic.ctx, { id }), "conflict");
  });

  test("from the start starts where the run began", async () => {
    const { id } = await issueOf(1);
    const act = await rerunIssue(clinic.ctx, { id, from: "start", version: "original" });
    expect(act).toMatchObject({ jobId: null, version: "original" });
    await carryOut(act.id);
    const [run] = await runsOf(act.id);
    expect((await getRun(clinic.ctx, run?.id ?? "")).startingTriggerId).toBe(clinic.triggers.hook);
  });

  test("passes over what has succeeded meanwhile, and leaves to another issue what failed in another way since", async () => {
    const { id, messages } = await issueOf(3, "first way");
    const [healed = "", elsewhere = "", left = ""] = messages;
    for (const [message, script] of [
      [healed, () => ({})],
      [elsewhere, () => failure("JobError", "second way")],
    ] as const) {
      await rerunMessage(clinic.ctx, { messageId: message, jobId: clinic.jobs.hooked });
      await clinic.execute(message, script);
      await elevenSecondsLater(message);
    }
    await collect();
    const preview = await previewBulk(clinic.ctx, { kind: "rerun", of: { target: "issue", issueId: id } });
    expect(preview).toMatchObject({ count: 2, runs: 1, refusals: [{ reason: "elsewhere", count: 1 }] });
    const act = await rerunIssue(clinic.ctx, { id });
    await carryOut(act.id);
    expect((await runsOf(act.id)).map(({ messageId }) => messageId)).toEqual([left]);
    const refusals = await listBulkRefusals(clinic.ctx, { id: act.id });
    expect(refusals.items.map(({ reason }) => reason)).toEqual(["elsewhere"]);
  });

  test("twice at once starts each once", async () => {
    const { id } = await issueOf(3);
    const acts = await Promise.all([rerunIssue(clinic.ctx, { id }), rerunIssue(clinic.ctx, { id })]);
    await Promise.all(acts.map((act) => carryOut(act.id)));
    const runs = await Promise.all(acts.map((act) => runsOf(act.id)));
    expect(runs.flat()).toHaveLength(3);
  });

  test("of chosen work orders is of those alone, and refuses others and another job", async () => {
    const { id } = await issueOf(2);
    const { items } = await listIssueOrders(clinic.ctx, { id });
    const of = { target: "issue" as const, issueId: id, ids: [items[0]?.workOrderId ?? ""] };
    const act = await startBulk(clinic.ctx, { name: "one", kind: "rerun", of, jobId: clinic.jobs.hooked });
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ chosen: 1, runs: 1, filter: { issue: id } });
    const another = startBulk(clinic.ctx, { name: "x", kind: "rerun", of, jobId: clinic.jobs.referral });
    await expectRefusal(another, "invalid");
    const cancel = startBulk(clinic.ctx, { name: "x", kind: "cancel", of });
    await expectRefusal(cancel, "invalid");
  });

  test("is not for viewers", async () => {
    const { id } = await issueOf(1);
    await expectRefusal(rerunIssue(clinic.as("viewer"), { id }), "forbidden");
  });
});

describe("a masked name", () => {
  const protect = () =>
    setProtection(clinic.ctx, {
      masks: ["$.name"],
      maskedRoles: ["viewer"],
      revealRoles: [],
      noDownloadRoles: [],
    });
  const failWithName = async () => {
    const message = await clinic.receive({ name: "Amina Diallo" }, { to: clinic.triggers.hook });
    await clinic.execute(message, () => failure("JobError", "No patient Amina Diallo here"));
    await collect();
    const [issue] = (await listIssues(clinic.ctx)).items;
    return issue?.id ?? "";
  };

  test("is in no title, error, preview or notice for whom it is masked", async () => {
    await protect();
    const id = await failWithName();
    expect(await getIssue(clinic.ctx, id)).toMatchObject({ title: "No patient Amina Diallo here" });
    const viewer = clinic.as("viewer");
    const shown = [
      await listIssues(viewer),
      await getIssue(viewer, id),
      await listIssueOrders(viewer, { id }),
    ];
    expect(JSON.stringify(shown)).not.toMatch(/Amina|Diallo/);
    expect(await getIssue(viewer, id)).toMatchObject({ title: "No patient ••• here" });
    const content = await issueContent.contentOf(database.db, notice(id, "new"));
    expect(content?.quote).toBe("No patient ••• here");
    expect(JSON.stringify(content)).not.toMatch(/Amina|Diallo/);
  });
});

const notice = (issueId: string, news: string): DueNotice => ({
  ...{ id: issueId, projectId: clinic.project.id, kind: "issue", key: "k", userId: null, channelId: null },
  ...{ data: { issueId, news }, notBefore: new Date(), createdAt: new Date() },
});

describe("a notice", () => {
  test("names project, workflow, job, message and error, and links to issue, rerun and receipt", async () => {
    const { id, messages } = await issueOf(9, "The line is down\nsecond line");
    const content = await issueContent.contentOf(database.db, notice(id, "new"));
    const page = expect.stringMatching(new RegExp(`^https?://.+/p/${clinic.project.id}/issues/${id}$`));
    expect(content).toMatchObject({
      subject: `${clinic.project.name}: Hooked has failed`,
      quote: "The line is down",
      stop: "at_once",
      actions: [
        { label: "See the issue", url: page },
        { label: "Rerun the 9 affected", url: expect.stringMatching(/\?rerun=true$/) },
        { label: "Open the receipt", url: expect.stringMatching(new RegExp(`/inbox/${messages[8]}$`)) },
      ],
    });
    expect(content?.facts).toEqual([
      { label: "Project", value: clinic.project.name },
      { label: "Workflow", value: "Hook" },
      { label: "Job", value: "Hooked" },
      { label: "Error", value: "JobError" },
      { label: "Message", value: messages[8] },
      { label: "Affected", value: "9 work orders" },
    ]);
  });

  test("says how large it has grown, and that it is back", async () => {
    const { id } = await issueOf(2);
    const said = async (news: string) =>
      (await issueContent.contentOf(database.db, notice(id, news)))?.subject;
    expect(await said("grown")).toContain("has failed 2 times by now");
    expect(await said("returned")).toContain("has failed again");
  });

  test("is dropped when the issue is known, over or gone by then", async () => {
    const { id } = await issueOf(1);
    for (const state of ["acknowledged", "resolved", "ignored"] as const) {
      await updateIssue(clinic.ctx, { id, state });
      expect(await issueContent.contentOf(database.db, notice(id, "new"))).toBeNull();
    }
    await database.query("delete from issues where id = $1", [id]);
    expect(await issueContent.contentOf(database.db, notice(id, "new"))).toBeNull();
  });

  test("of several after quiet hours is one, of what is open still", async () => {
    for (const message of ["a", "b", "c"]) await fail(clinic, message);
    await collect();
    const { items } = await listIssues(clinic.ctx);
    const notices = items.map(({ id }) => notice(id, "new"));
    const together = () => issueContent.togetherOf?.(database.db, notices);
    expect(await together()).toMatchObject({
      subject: `${clinic.project.name}: 3 issues while you were quiet`,
    });
    await updateIssue(clinic.ctx, { id: items[0]?.id ?? "", state: "resolved" });
    await updateIssue(clinic.ctx, { id: items[1]?.id ?? "", state: "resolved" });
    expect(await together()).toMatchObject({ subject: `${clinic.project.name}: Hooked has failed` });
    await updateIssue(clinic.ctx, { id: items[2]?.id ?? "", state: "resolved" });
    expect(await together()).toBeNull();
  });
});
