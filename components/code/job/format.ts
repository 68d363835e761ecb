import type { Options } from "prettier";

export type Formatted =
  | { code: string; anchor: number; head: number }
  /** Why it cannot be formatted; the place counts from 1. */
  | { problem: string; line: number; column: number };

type Failure = Error & { loc?: { start?: { line: number; column: number } } };

/**
 * Formats a job's code with prettier, which is loaded when it is first asked for. The selection is where it was in the
 * code, and the quotes are those that most of its texts have. Code that does not parse stays as it is.
 */
export async function formatJob(code: string, anchor: number, head: number): Promise<Formatted> {
  const [{ formatWithCursor }, acorn, estree] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/acorn"),
    import("prettier/plugins/estree"),
  ]);
  const options = {
    parser: "acorn",
    plugins: [acorn, estree],
    arrowParens: "avoid",
    singleQuote: code.split("'").length > code.split('"').length,
  } satisfies Options;
  try {
    const first = await formatWithCursor(code, { ...options, cursorOffset: head });
    const second =
      anchor === head ? first : await formatWithCursor(code, { ...options, cursorOffset: anchor });
    const inside = (offset: number) => Math.min(Math.max(offset, 0), first.formatted.length);
    return { code: first.formatted, anchor: inside(second.cursorOffset), head: inside(first.cursorOffset) };
  } catch (error) {
    const { message, loc } = error as Failure;
    const said = message.split("\n")[0]?.replace(/ \(\d+:\d+\)$/, "") ?? "It cannot be read";
    return { problem: said, line: loc?.start?.line ?? 1, column: loc?.start?.column ?? 1 };
  }
}

/** The part of a text that another one has differently. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before.charCodeAt(from) === after.charCodeAt(from)) from += 1;
  let end = 0;
  while (
    end < most - from &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
