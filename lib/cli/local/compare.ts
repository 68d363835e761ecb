import { differenceOfTexts } from "@/lib/difference/lines";
import { type ExactJson, ExactNumber, parseExact, stringifyExact } from "@/lib/exact-json";
import type { StepResult, WouldBeRequest } from "@/lib/runner/contract";
import type { Expected } from "./cases";
import { prettyState } from "./state";

/** What a case came to, as its files hold it: an output or an error, and the requests of a job that sends nothing. */
export type Came = { output: string | null; error: string | null; requests: string | null };

export type DifferentFile = {
  file: keyof Came;
  /** Lines that begin with `-` (expected), `+` (came) or a blank. */
  lines: string[];
};

/** The result of an execution as it is kept and compared; values of its configuration are `***`. */
export function cameOf(result: StepResult): Came {
  const { output, shown, error, requests = [] } = result;
  const text = shown?.text ?? output;
  return {
    output: text === null ? null : prettyState(text),
    error:
      text !== null || error === null
        ? null
        : `${JSON.stringify({ type: error.type, message: error.message }, null, 2)}\n`,
    requests: requests.length === 0 ? null : `${JSON.stringify(requests.map(sent), null, 2)}\n`,
  };
}

/** Headers are left out: what a client says of itself changes with its version. */
function sent({ method, secure, host, port, path, body }: WouldBeRequest) {
  const usual = port === (secure ? 443 : 80);
  const url = `${secure ? "https" : "http"}://${host}${usual ? "" : `:${port}`}${path}`;
  return { method, url, ...(body === "" ? {} : { body: jsonOr(body) }) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What is otherwise than expected. The order of keys does not count, every digit does. Requests count where the case says
 * which. An expected error without a message is any of its type. Throws SyntaxError for a file that is no JSON.
 */
export const differences = (expected: Expected, came: Came): DifferentFile[] =>
  everyDifference(expected, came).filter(({ file }) => file !== "requests" || expected.requests !== null);

/** The same, with requests of which nothing is expected. */
export function everyDifference(expected: Expected, came: Came): DifferentFile[] {
  const found: DifferentFile[] = [];
  for (const file of ["output", "error", "requests"] as const) {
    const wanted = canonical(file, expected[file]);
    const got = canonical(file, file === "error" ? asFarAs(expected.error, came.error) : came[file]);
    const difference = differenceOfTexts(wanted, got);
    if (difference)
      found.push({
        file,
        lines: difference.hunks.flat().map(({ kind, text }) => `${marks[kind]} ${text}`),
      });
  }
  return found;
}

const marks = { kept: " ", removed: "-", added: "+" };

function asFarAs(expected: string | null, came: string | null): string | null {
  if (expected === null || came === null) return came;
  const wanted: unknown = JSON.parse(expected);
  const isTypeAlone = typeof wanted === "object" && wanted !== null && !("message" in wanted);
  return isTypeAlone ? JSON.stringify({ type: JSON.parse(came).type }) : came;
}

function canonical(file: keyof Came, text: string | null): string {
  if (text === null) return "";
  try {
    return `${stringifyExact(ordered(parseExact(text)), 2)}\n`;
  } catch (cause) {
    throw new SyntaxError(`the ${file} is no JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

function ordered(value: ExactJson): ExactJson {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}
