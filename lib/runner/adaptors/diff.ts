import type { AdaptorInfo } from "@/lib/runner/contract";

export type OperationsDiff = {
  added: string[];
  removed: string[];
  /** Operations that take other parameters. */
  changed: { name: string; before: string[]; after: string[] }[];
};

/** What an upgrade from one version to another means for jobs: exported names that come, go or change parameters. */
export function diffOperations(
  before: Pick<AdaptorInfo, "exports" | "operations">,
  after: Pick<AdaptorInfo, "exports" | "operations">,
): OperationsDiff {
  const paramsOf = (info: Pick<AdaptorInfo, "operations">) =>
    new Map(info.operations.map(({ name, params }) => [name, params.map((param) => param.name)]));
  const [old, now] = [paramsOf(before), paramsOf(after)];
  return {
    added: after.exports.filter((name) => !before.exports.includes(name)),
    removed: before.exports.filter((name) => !after.exports.includes(name)),
    changed: [...old].flatMap(([name, params]) => {
      const others = now.get(name);
      return others && others.join() !== params.join() ? [{ name, before: params, after: others }] : [];
    }),
  };
}
