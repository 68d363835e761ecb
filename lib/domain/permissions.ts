import { conflict, forbidden } from "@/lib/refusal";
import type { Role } from "@/lib/words";
import { type Actor, isRepository } from "./context";

/** Who may do what in a project. OpenFn's matrix (reference: platform §1c), plus what only we have. */
const matrix = {
  "project.read": ["owner", "admin", "editor", "viewer"],
  "project.update": ["owner", "admin"],
  "project.pause": ["owner", "admin"],
  "project_token.read": ["owner", "admin"],
  "project_token.manage": ["owner", "admin"],
  "project.delete": ["owner"],
  "project.transfer": ["owner"],
  "project.leave": ["admin", "editor", "viewer"],
  "member.manage": ["owner", "admin"],
  "message.read": ["owner", "admin", "editor", "viewer"],
  "message.create": ["owner", "admin", "editor"],
  "message.resend": ["owner", "admin", "editor"],
  "run.read": ["owner", "admin", "editor", "viewer"],
  "run.start": ["owner", "admin", "editor"],
  "run.rerun": ["owner", "admin", "editor"],
  "run.cancel": ["owner", "admin", "editor"],
  "issue.read": ["owner", "admin", "editor", "viewer"],
  "issue.update": ["owner", "admin", "editor"],
  "workflow.read": ["owner", "admin", "editor", "viewer"],
  "workflow.write": ["owner", "admin", "editor"],
  "workflow.pause": ["owner", "admin", "editor"],
  "project.provision": ["owner", "admin"],
  "credential.use": ["owner", "admin", "editor"],
  "keychain.manage": ["owner", "admin"],
  "collection.read": ["owner", "admin", "editor", "viewer"],
  "collection.write": ["owner", "admin", "editor"],
  "collection.clear": ["owner", "admin"],
  "collection.manage": ["owner", "admin"],
  "auth_method.manage": ["owner", "admin"],
  "notice.read": ["owner", "admin", "editor", "viewer"],
  "notice_of_others.read": ["owner", "admin"],
  "notice.send_again": ["owner", "admin"],
  "notice_channel.read": ["owner", "admin"],
  "notice_channel.manage": ["owner", "admin"],
  "notice_rule.own": ["owner", "admin", "editor", "viewer"],
  "notice_rule.read": ["owner", "admin"],
  "notice_rule.manage": ["owner", "admin"],
  "audit.read": ["owner", "admin"],
  "person.read": ["owner", "admin"],
  "person.manage": ["owner", "admin"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof matrix;

/** The roles that have a permission. */
export const rolesWith = (permission: Permission): readonly Role[] => matrix[permission];

export const can = (role: Role, permission: Permission): boolean =>
  (matrix[permission] as readonly Role[]).includes(role);

/** What can still be done in a project that is being deleted, besides looking. */
const staysPossible: readonly Permission[] = ["project.delete", "project.leave", "run.cancel"];

/** What a person answers for: people, their credentials, and what is theirs alone. No repository's token does it. */
const needsPerson: readonly Permission[] = [
  "project.delete",
  "project.transfer",
  "project.leave",
  "project_token.read",
  "project_token.manage",
  "member.manage",
  "credential.use",
  "notice_rule.own",
  "person.read",
  "person.manage",
];

type Asker = { role: Role; project?: { deletesAt?: Date | null }; actor?: Actor };

const lacksPerson = ({ actor }: Asker, permission: Permission): boolean =>
  actor !== undefined && isRepository(actor) && needsPerson.includes(permission);

const isClosed = ({ project }: Asker, permission: Permission): boolean =>
  Boolean(project?.deletesAt) && !permission.endsWith(".read") && !staysPossible.includes(permission);

/** Whether `requirePermission` would let it through: what a page offers. */
export const may = (ctx: Asker, permission: Permission): boolean =>
  can(ctx.role, permission) && !lacksPerson(ctx, permission) && !isClosed(ctx, permission);

/**
 * First line of every verb. Throws `forbidden`, and `conflict` for a change in a project that is being deleted. Being no
 * member at all is `not_found`, decided where `ctx` is made.
 */
export function requirePermission(ctx: Asker, permission: Permission): void {
  if (!can(ctx.role, permission)) throw forbidden();
  if (lacksPerson(ctx, permission))
    throw forbidden(
      "A repository's token cannot do this, whatever its scopes: a person answers for it. Use a token of your own.",
    );
  if (!isClosed(ctx, permission)) return;
  const day = ctx.project?.deletesAt?.toISOString().slice(0, 10);
  throw conflict(
    `This project is being deleted, for good on ${day}. Nothing changes in it unless its owner undoes that.`,
  );
}
