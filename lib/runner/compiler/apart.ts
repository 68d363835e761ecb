import { type CheckOptions, compileErrorOf } from "./check";
import type { CompileError } from "./errors";

/** Says elsewhere why code does not compile. Rejects when nobody can say. */
export type CheckApart = (
  projectId: string,
  source: string,
  options: CheckOptions,
) => Promise<CompileError | null>;

/** On `globalThis`, because the server's bundle, which has threads, and Next's are two module worlds in one process. */
const shared = globalThis as { waybillCheckApart?: CheckApart };

/** Says where code is looked through. For the process that has a place for it. */
export function provideCheckApart(check: CheckApart): void {
  shared.waybillCheckApart = check;
}

/** `compileErrorOf` away from the event loop that serves everybody; here, where the process has no other place. */
export const checkApart: CheckApart = async (projectId, source, options) =>
  shared.waybillCheckApart
    ? shared.waybillCheckApart(projectId, source, options)
    : compileErrorOf(source, options);
