import type { FailedCondition, TriggerMatching } from "@/lib/domain/message/matching";

/** A piece of a sentence; code is what messages and filters hold. */
export type Piece = string | { code: string };

/** Why a trigger takes a message or not, as one sentence or two. */
export function matchingWords({ outcome, type, started, paused, condition }: TriggerMatching): Piece[] {
  switch (outcome) {
    case "matches":
      return [
        started
          ? "Took it."
          : "Would take it now: it was added, enabled or changed since, or its workflow was.",
        ...(paused ? [" Its runs wait until the workflow and the project are resumed."] : []),
      ];
    case "disabled":
      return ["Is disabled."];
    case "unsaved":
      return ["Its workflow has no version that could run."];
    case "other_address":
      return [
        `Takes only what is sent to ${type === "webhook" ? "its own URL" : "the project's inbox URL"}.`,
      ];
    case "masked":
      return [
        started
          ? "Took it. What its filter asks for is masked for your role."
          : "Its filter asks for what is masked for your role, so why is not said.",
      ];
    case "inclusion":
    case "exclusion":
      return condition ? conditionWords(condition) : ["Does not match."];
    default:
      return outcome satisfies never;
  }
}

function conditionWords({ path, why, wanted, came }: FailedCondition): Piece[] {
  const place: Piece = path.length === 0 ? "The message" : { code: pathText(path) };
  const want = { code: wanted ?? "" };
  switch (why) {
    case "missing":
      return [place, " is missing; the filter wants ", want, "."];
    case "different":
      return [place, " is ", { code: came ?? "" }, "; the filter wants ", want, "."];
    case "no_item":
      return [place, " is ", { code: came ?? "" }, ", of which no item is or contains ", want, "."];
    case "contained":
      return ["The message contains what the trigger excludes: ", want, "."];
    case "unknown":
      return [
        "The message does not contain all that the filter wants, and is too large to say what is not there: ",
        want,
        ".",
      ];
    default:
      return why satisfies never;
  }
}

/** As jobs would write it, such as data.patient["first name"], without what it is in. */
function pathText(path: string[]): string {
  const [first = "", ...rest] = path;
  const isName = (key: string) => /^[\p{L}_$…][\p{L}\p{N}_$]*$/u.test(key);
  return `${isName(first) ? first : `[${JSON.stringify(first)}]`}${rest.map((key) => (isName(key) ? `.${key}` : `[${JSON.stringify(key)}]`)).join("")}`;
}
