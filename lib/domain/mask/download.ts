import type { Context } from "@/lib/domain/context";
import { forbidden } from "@/lib/refusal";
import { protectionOf } from "./mask";

/** Whether the project lets whoever asks download bodies, files and exports. */
export async function mayDownload({
  db,
  project,
  role,
}: Pick<Context, "db" | "project" | "role">): Promise<boolean> {
  if (role === "owner") return true;
  return !(await protectionOf(db, project.id)).noDownloadRoles.includes(role);
}

/** First line of whatever hands out a file. Throws `forbidden` for roles that the project keeps from downloading. */
export async function requireDownload(ctx: Context): Promise<void> {
  if (await mayDownload(ctx)) return;
  throw forbidden(
    `This project lets nobody with the role ${ctx.role} download. What pages and lists show can be read.`,
  );
}
