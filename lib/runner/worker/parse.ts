import vm from "node:vm";
import { type Makers, misreadsKeys, withRightKeys } from "@/lib/json-keys";

const isFaulty = misreadsKeys(JSON.parse);

/** What reads JSON into data of a context: before code of a job's runs in it, with nothing of this realm in what it returns. */
export function parserIn(context: vm.Context): (text: string) => unknown {
  const parse = vm.runInContext("JSON.parse", context) as typeof JSON.parse;
  if (!isFaulty) return parse;
  return withRightKeys(
    parse,
    () => vm.runInContext("({ object: () => ({}), list: () => [] })", context) as Makers,
  );
}
