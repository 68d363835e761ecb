import { NextRequest } from "next/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GET } from "@/app/api/projects/[project]/events/route";
import { sessionCookieName, sessionCookieValue } from "@/lib/auth/cookie";
import { changeRole } from "@/lib/domain/member/change-role";
import { leaveProject, removeMember } from "@/lib/domain/member/remove";
import { transferProject } from "@/lib/domain/member/transfer";
import { deleteProject } from "@/lib/domain/project/delete";
import { updateProject } from "@/lib/domain/project/update";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { revokeProjectToken } from "@/lib/domain/project-token/revoke";
import { createSession } from "@/lib/domain/session/create";
import { revokeOtherSessions, revokeSession } from "@/lib/domain/session/revoke";
import { createToken } from "@/lib/domain/token/create";
import { revokeToken } from "@/lib/domain/token/revoke";
import { changePassword } from "@/lib/domain/user/change-password";
import { deleteUser } from "@/lib/domain/user/delete";
import { ownTestDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createFactor } from "@/lib/testing/second-factor";
import { LiveHub } from "./hub";
import { liveHub } from "./shared";

/** Notices are everybody's who shares a database. */
const database = await ownTestDatabase();
/** Another web process: a hub with a connection of its own. */
const elsewhere = new LiveHub(database);

beforeAll(async () => {
  await liveHub().ready();
  await elsewhere.ready();
});
const opened: (() => void)[] = [];
afterAll(() => {
  for (const close of opened) close();
});

type Proof = { headers: Record<string, string>; sessionId: string | null; tokenId: string | null };

async function inBrowser(user: TestUser): Promise<Proof> {
  const session = await createSession(database.db, { userId: user.id });
  const cookie = `${sessionCookieName()}=${await sessionCookieValue(session)}`;
  return { headers: { cookie }, sessionId: session.id, tokenId: null };
}

async function withToken(user: TestUser): Promise<Proof> {
  const { id, token } = await createToken(userContextFor(user), { name: "page" });
  return { headers: { authorization: `Bearer ${token}` }, sessionId: null, tokenId: id };
}

async function withProjectToken(_: TestUser, { asOwner }: Team): Promise<Proof> {
  const { id, token } = await createProjectToken(asOwner, { name: "repository", scopes: ["read"] });
  return { headers: { authorization: `Bearer ${token}` }, sessionId: null, tokenId: id };
}

const connect = (project: TestProject, { headers }: Proof) =>
  GET(new NextRequest("http://127.0.0.1/api", { headers }), {
    params: Promise.resolve({ project: project.id }),
  });

/** Opens a stream here, and holds one like it in the other process. */
async function open(project: TestProject, user: TestUser, proof: Proof) {
  const response = await connect(project, proof);
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  if (!reader) throw new Error("There is no stream.");
  opened.push(() => void reader.cancel().catch(() => {}));
  await reader.read();
  const ended = { here: false, elsewhere: false };
  void (async () => {
    while (!(await reader.read()).done);
    ended.here = true;
  })();
  const { sessionId, tokenId } = proof;
  const holder = { projectId: project.id, userId: user.id, sessionId, tokenId };
  opened.push(
    elsewhere.hold(holder, () => {
      ended.elsewhere = true;
    }),
  );
  return ended;
}

async function team() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const member = await addTestMember(project, "editor");
  return { owner, project, member, asOwner: contextFor(owner, project) };
}
type Team = Awaited<ReturnType<typeof team>>;

type Case = {
  what: string;
  proof?: (user: TestUser, team: Team) => Promise<Proof>;
  take: (team: Team, proof: Proof) => Promise<unknown>;
  /** What the reconnect answers. */
  answer: number;
};

const cases: Case[] = [
  {
    what: "removing a member",
    take: ({ asOwner, member }) => removeMember(asOwner, { userId: member.id }),
    answer: 404,
  },
  {
    what: "leaving",
    take: ({ member, project }) => leaveProject(contextFor(member, project, "editor")),
    answer: 404,
  },
  {
    what: "lowering a role",
    take: ({ asOwner, member }) => changeRole(asOwner, { userId: member.id, role: "viewer" }),
    answer: 200,
  },
  {
    what: "handing the project over",
    take: ({ asOwner, member }) => transferProject(asOwner, { userId: member.id }),
    answer: 200,
  },
  {
    what: "ending the session",
    take: ({ member }, { sessionId }) =>
      revokeSession(userContextFor(member), { sessionId: sessionId ?? "" }),
    answer: 401,
  },
  {
    what: "ending all other sessions",
    take: ({ member }) => revokeOtherSessions(userContextFor(member)),
    answer: 401,
  },
  {
    what: "changing the password",
    take: ({ member }) => changePassword(userContextFor(member), { next: "correct horse battery staple" }),
    answer: 401,
  },
  {
    what: "revoking the token",
    proof: withToken,
    take: ({ member }, { tokenId }) => revokeToken(userContextFor(member), { tokenId: tokenId ?? "" }),
    answer: 401,
  },
  {
    what: "revoking the project's own token",
    proof: withProjectToken,
    take: ({ asOwner }, { tokenId }) => revokeProjectToken(asOwner, { tokenId: tokenId ?? "" }),
    answer: 401,
  },
  {
    what: "scheduling the deletion of a project with a token of its own",
    proof: withProjectToken,
    take: ({ asOwner, project }) => deleteProject(asOwner, { confirmName: project.name }),
    answer: 404,
  },
  {
    what: "disabling the account",
    take: ({ member }) => database.query("update users set disabled_at = now() where id = $1", [member.id]),
    answer: 401,
  },
  {
    what: "deleting the account",
    take: ({ member }) => deleteUser(userContextFor(member), member.id, { confirmEmail: member.email }),
    answer: 401,
  },
  {
    what: "scheduling the project's deletion",
    take: ({ asOwner, project }) => deleteProject(asOwner, { confirmName: project.name }),
    answer: 404,
  },
  {
    what: "asking for a second factor",
    take: async ({ asOwner, owner }) => {
      await createFactor(owner);
      await updateProject(asOwner, { requireSecondFactor: true });
    },
    answer: 403,
  },
  {
    what: "asking for a second factor, of a token",
    proof: withToken,
    take: async ({ asOwner, owner }) => {
      await createFactor(owner);
      await updateProject(asOwner, { requireSecondFactor: true });
    },
    answer: 403,
  },
  {
    what: "any statement that deletes the membership",
    take: ({ member }) => database.query("delete from project_members where user_id = $1", [member.id]),
    answer: 404,
  },
];

describe("a stream ends at once, in every process, when access is taken by", () => {
  test.each(cases)("$what", async ({ proof = inBrowser, take, answer }) => {
    const group = await team();
    const { project, member } = group;
    const mine = await proof(member, group);
    const stream = await open(project, member, mine);
    // The same person in a project of their own, with another proof: nobody takes that.
    const own = await createTestProject({ owner: await createTestUser() });
    const stranger = await addTestMember(own, "viewer");
    const untouched = await open(own, stranger, await inBrowser(stranger));
    await take(group, mine);
    await vi.waitFor(() => expect(stream).toEqual({ here: true, elsewhere: true }), { timeout: 10_000 });
    const again = await connect(project, mine);
    expect(again.status).toBe(answer);
    await again.body?.cancel();
    expect(untouched).toEqual({ here: false, elsewhere: false });
  });
});

test("access that is taken while the stream is being opened ends it, too", async () => {
  const { project, member, asOwner } = await team();
  const proof = await inBrowser(member);
  const hub = liveHub();
  const spy = vi.spyOn(hub, "ready").mockImplementation(async () => {
    // After the route has let them in, and before anything is held.
    await removeMember(asOwner, { userId: member.id });
  });
  try {
    expect((await connect(project, proof)).status).toBe(404);
  } finally {
    spy.mockRestore();
  }
});

test("a connection to the database that was lost ends every stream: anything may have been taken meanwhile", async () => {
  const { project, member } = await team();
  const stream = await open(project, member, await inBrowser(member));
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'waybill-listen' and pid <> pg_backend_pid()",
  );
  await vi.waitFor(() => expect(stream).toEqual({ here: true, elsewhere: true }), { timeout: 10_000 });
});
