import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { listMembers } from "@/lib/domain/member/list";
import { deleteProject, projectDeletion, scheduledDeletion } from "@/lib/domain/project/delete";
import { getProject, projectDetail } from "@/lib/domain/project/get";
import { createProjectAt, replaceProject } from "@/lib/domain/project/openfn/put";
import { projectUpdate, savedProject, updateProject } from "@/lib/domain/project/update";
import { ownEmail } from "@/lib/domain/user/email";
import { beside, isOpenfns } from "@/lib/http/beside";
import { Reply } from "@/lib/http/declaration";
import { knownProject, openfnPutRoute } from "@/lib/http/openfn-put";
import { oneProject, projectAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "A project's settings. An API token gets OpenFn's view of it, too.",
    scope: "read",
    permission: "project.read",
    response: beside(projectDetail, oneProject),
  },
  async ({ ctx, request }) => {
    const project = await getProject(ctx);
    return isOpenfns({ ctx, request })
      ? { ...project, ...projectAnswer(request, project, await membersOf(ctx)) }
      : project;
  },
);

export const PATCH = projectRoute(
  {
    summary: "Change a project's settings.",
    scope: "write",
    permission: "project.update",
    sensitive: [
      { act: "project.second_factor", when: ({ requireSecondFactor }) => requireSecondFactor !== undefined },
    ],
    body: projectUpdate,
    response: savedProject,
    errors: ["conflict"],
  },
  ({ ctx, body }) => updateProject(ctx, body),
);

export const DELETE = projectRoute(
  {
    scope: "browser",
    summary: "Delete a project and all that it holds, seven days from now. Until then it can be restored.",
    sensitive: ["project.delete"],
    permission: "project.delete",
    body: projectDeletion,
    response: scheduledDeletion,
  },
  ({ ctx, body }) => deleteProject(ctx, body),
);

const membersOf = async (ctx: Context) => (await listMembers(ctx, { limit: 200 })).items;

export const PUT = openfnPutRoute(
  {
    summary:
      "Make a project under an id, or replace name and description of the one that has it, in OpenFn's shape. Whoever makes it owns it; other members are invited.",
    scope: "deploy",
    permission: "project.update",
    body: z.looseObject({}),
    response: oneProject,
    otherStatuses: [201],
    errors: ["conflict"],
  },
  async ({ ctx: caller, params: { project: id = "" }, body, request }) => {
    const known = await knownProject(caller, id);
    if (known) await replaceProject(known, { id, body });
    const made = known ?? (await createProjectAt(caller, { id, body, email: await ownEmail(caller) }));
    const answer = projectAnswer(request, await getProject(made), await membersOf(made));
    return new Reply(answer, { status: known ? 200 : 201 });
  },
);
