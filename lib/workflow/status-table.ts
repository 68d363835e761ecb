import type { ExitReason, RunState } from "@/lib/words";
import { type ErrorType, type ErrorTypeInfo, errorTypes, shownErrorType } from "./error-types";
import { reasons, runStateOf, runStatuses, type StatusInfo } from "./status";

/** One row of seed 3's table, and of the page that explains it. */
export type StatusRow = {
  state: RunState;
  /** What makes a run end so; null of a status that no error leads to. */
  type: ErrorType | null;
  /** Seed 3's *Abort Run?*: whether nothing after it is executed; null where no error is spoken of. */
  aborts: boolean | null;
  info: Pick<StatusInfo, "meaning" | "remedy"> | ErrorTypeInfo;
  /** What the page `/docs/states` calls the row's place. */
  anchor: string;
};

/** The order of seed 3: a status, then the error types that lead to it. */
const order: readonly RunState[] = [
  "pending",
  "running",
  "success",
  "failed",
  "crashed",
  "cancelled",
  "killed",
  "exception",
  "lost",
  "rejected",
];

const typesOf = (state: RunState): ErrorType[] =>
  (Object.keys(errorTypes) as ErrorType[]).filter((type) => runStateOf(errorTypes[type].reason) === state);

const endsRun = (state: RunState): boolean | null => {
  const reason = (Object.keys(reasons) as ExitReason[]).find(
    (one) => runStateOf(one) === state && one !== "success",
  );
  return reason ? reasons[reason].aborts : null;
};

/** Every run status with every error type that leads to it: the words of the code itself, in seed 3's order. */
export const statusTable: readonly StatusRow[] = order.flatMap((state) => [
  { state, type: null, aborts: endsRun(state), info: runStatuses[state], anchor: runAnchor(state) },
  ...typesOf(state).map((type) => ({
    ...{ state, type, aborts: reasons[errorTypes[type].reason].aborts },
    ...{ info: errorTypes[type], anchor: `error-${type}` },
  })),
]);

/** Where `/docs/states` explains a run's status. */
export function runAnchor(state: RunState): string {
  return `status-${state}`;
}

/** Where it explains an error type, whatever it is called; null of a type of the job's own making. */
export function errorAnchor(type: string): string | null {
  const shown = shownErrorType(type);
  return Object.hasOwn(errorTypes, shown) ? `error-${shown}` : null;
}

/** The same as addresses. */
export const runHref = (state: RunState): string => `/docs/states#${runAnchor(state)}`;
export const errorHref = (type: string): string | null => {
  const anchor = errorAnchor(type);
  return anchor && `/docs/states#${anchor}`;
};
