import type { DescribedError } from "@/lib/runner/protocol/messages";

const maxTextChars = 8000;
const maxDetailsChars = 100_000;
const maxDetailFields = 30;

/** Reads what an object of the job may make throw. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Fields of the error besides its stack, as far as they are JSON and small. */
function detailsOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  const fields = Object.entries(error).filter(([key]) => key !== "stack");
  if (fields.length === 0) return undefined;
  const seen = new WeakSet();
  const text: string | undefined = JSON.stringify(
    Object.fromEntries(fields.slice(0, maxDetailFields)),
    (_, value: unknown) => {
      if (typeof value === "bigint") return value.toString();
      if (typeof value !== "object" || value === null) return value;
      if (seen.has(value)) return "[Circular]";
      seen.add(value);
      return value;
    },
  );
  return text === undefined || text.length > maxDetailsChars ? undefined : JSON.parse(text);
}

/** Texts of a thrown value, whatever it is. Never throws. */
export function describeError(
  error: unknown,
  phase: DescribedError["phase"],
  operation = -1,
): DescribedError {
  const text = (key: string, otherwise: string) =>
    attempt(() => String(property(error, key) ?? otherwise), otherwise).slice(0, maxTextChars);
  const thrown = attempt(() => (typeof error === "object" && error !== null ? "" : String(error)), "");
  const constructorName = attempt(() => constructorNameOf(error), "");
  const details = attempt(() => detailsOf(error), undefined);
  const hint = attempt(() => property(error, "fix"), undefined);
  return {
    name: text("name", "Error"),
    constructorName,
    message: text("message", thrown),
    stack: text("stack", ""),
    phase,
    operation,
    ...(details === undefined ? {} : { details }),
    ...(typeof hint === "string" ? { hint: hint.slice(0, 1000) } : {}),
  };
}

function constructorNameOf(error: unknown): string {
  const maker = property(error, "constructor");
  return typeof maker === "function" ? maker.name : "";
}
