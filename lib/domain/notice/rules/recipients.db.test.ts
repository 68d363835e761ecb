import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { removeMember } from "@/lib/domain/member/remove";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
} from "@/lib/testing/fixtures";
import type { ToldStatus } from "@/lib/words";
import { type Failure, recipients } from "./recipients";

const database = testDatabase();
const people = ["owner", "admin", "editor", "viewer"] as const;
let project: TestProject;
let team: Record<(typeof people)[number], TestUser>;

beforeEach(async () => {
  const owner = await createTestUser();
  project = await createTestProject({ owner });
  team = {
    owner,
    admin: await addTestMember(project, "admin"),
    editor: await addTestMember(project, "editor"),
    viewer: await addTestMember(project, "viewer"),
  };
});

const workflow = randomUUID();
const now = new Date("2026-11-26T20:00:00Z");

async function told(failure: Partial<Failure> = {}): Promise<string[]> {
  const found = await recipients(database, {
    projectId: project.id,
    workflowId: workflow,
    status: "failed",
    now,
    ...failure,
  });
  const ids = found.map((one) => ("userId" in one ? one.userId : one.channelId));
  return people.filter((name) => ids.includes(team[name].id));
}

const rule = (
  userId: string,
  { atOnce = true, workflowIds = null as string[] | null, statuses = null as string[] | null } = {},
) =>
  database.query(
    "insert into notice_rules (project_id, user_id, at_once, workflow_ids, statuses) values ($1, $2, $3, $4, $5)",
    [project.id, userId, atOnce, workflowIds, statuses],
  );

describe("who hears of a failure at once", () => {
  test("the owner and admins, while nobody has said otherwise", async () => {
    expect(await told()).toEqual(["owner", "admin"]);
  });

  test("whoever wants to, whatever their role, and not who does not", async () => {
    await rule(team.owner.id, { atOnce: false });
    await rule(team.viewer.id);
    expect(await told()).toEqual(["admin", "viewer"]);
  });

  test("of the workflows and ends that they have chosen", async () => {
    await rule(team.owner.id, { workflowIds: [workflow], statuses: ["crashed", "lost"] });
    await rule(team.admin.id, { workflowIds: [randomUUID()] });
    expect(await told({ status: "lost" })).toEqual(["owner"]);
    expect(await told({ status: "failed" })).toEqual([]);
    expect(await told({ status: "lost", workflowId: randomUUID() })).toEqual([]);
  });

  test("nobody whose rule is in another project", async () => {
    const other = await createTestProject({ owner: team.viewer });
    await database.query("insert into notice_rules (project_id, user_id) values ($1, $2)", [
      other.id,
      team.viewer.id,
    ]);
    expect(await told()).toEqual(["owner", "admin"]);
  });

  test("nobody who has left, whatever their rule, and not when they come back either", async () => {
    await rule(team.editor.id);
    expect(await told()).toContain("editor");
    await removeMember(contextFor(team.owner, project), { userId: team.editor.id });
    expect(await told()).not.toContain("editor");
    await addTestMember(project, "editor", team.editor);
    expect(await told()).not.toContain("editor");
  });

  test("nobody whose account is disabled or on its way out", async () => {
    await database.query("update users set disabled_at = now() where id = $1", [team.owner.id]);
    await database.query(
      "update users set deletion_scheduled_at = now(), deletes_at = now() + interval '7 days' where id = $1",
      [team.admin.id],
    );
    expect(await told()).toEqual([]);
  });

  test("nobody who lacks the second factor that the project asks for", async () => {
    await database.query("update projects set require_second_factor = true where id = $1", [project.id]);
    const add = "insert into second_factors (user_id, secret, confirmed_at) values ($1, 'x', $2)";
    await database.query(add, [team.owner.id, new Date()]);
    await database.query(add, [team.admin.id, null]);
    expect(await told()).toEqual(["owner"]);
  });

  test("nobody, of a project that is being deleted", async () => {
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [project.id]);
    expect(await told()).toEqual([]);
  });

  test("the project's channels, unless their rule says otherwise or they are switched off", async () => {
    const channel = async (of: { id: string }, name: string) =>
      (
        await database.query<{ id: string }>(
          "insert into notice_channels (project_id, name, type, target, host) values ($1, $2, 'slack', 'x', 'example.org') returning id",
          [of.id, name],
        )
      )[0]?.id;
    const [all, choosy, off] = [
      await channel(project, "All"),
      await channel(project, "Choosy"),
      await channel(project, "Off"),
    ];
    await channel(await createTestProject(), "Another's");
    await database.query("update notice_channels set disabled_at = now() where id = $1", [off]);
    await database.query(
      "insert into notice_rules (project_id, channel_id, statuses) values ($1, $2, '{lost}')",
      [project.id, choosy],
    );
    const heard = async (status: ToldStatus) =>
      (await recipients(database, { projectId: project.id, workflowId: workflow, status, now })).flatMap(
        (one) => ("channelId" in one ? [one.channelId] : []),
      );
    expect(await heard("failed")).toEqual([all]);
    expect(await heard("lost")).toEqual([all, choosy]);
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [project.id]);
    expect(await heard("lost")).toEqual([]);
  });

  test("after the person's quiet hours, in which it is", async () => {
    await database.query(
      "update users set time_zone = 'Africa/Nairobi', quiet_from = 1320, quiet_to = 420 where id = $1",
      [team.owner.id],
    );
    const found = await recipients(database, {
      projectId: project.id,
      workflowId: workflow,
      status: "failed",
      now,
    });
    expect(found).toEqual([
      { userId: team.owner.id, notBefore: new Date("2026-11-27T04:00:00Z") },
      { userId: team.admin.id, notBefore: null },
    ]);
  });
});
