import { expect, test } from "vitest";
import { sources } from "./sources";

/** What somebody's message, or a job that read it, may have put into a column. */
const payload =
  /\b(error_message|errorMessage|order_key|orderKey|log_lines|preview|m\.(body|headers|query|view|path)|messages\.(body|headers|query|view)|dataclips\.(body|name)|d\.(body|name)|refusedRequests\.(body|headers|query|path))\b/;

/** A verb that answers people. */
const answers =
  /export (async )?function (list|get|read|search|preview|find)\w*\(\s*ctx: (Context|Pick<Context)/;

/** Those that do not need to: why. */
const others: Record<string, string> = {
  "bulk/candidates.ts": "Compares what a message says, and answers with ids.",
  "collection/browse.ts": "Shows items as show.ts says, which asks for the mask.",
  "retention/preview.ts": "Counts what would go, and its bytes.",
};

/** lib/testing/masks.db.test.ts walks the routes; this says it of a verb before there is a route that calls it. */
test("whatever answers with what messages brought, or what jobs made of it, shows it behind a veil", () => {
  const readers = sources(["lib/domain"])
    .filter(({ file, text }) => !file.startsWith("lib/domain/mask/") && payload.test(text))
    .filter(({ text }) => answers.test(text) && !text.includes("@/lib/domain/mask/"))
    .map(({ file }) => file.slice("lib/domain/".length));
  expect(readers).toEqual(Object.keys(others).sort());
});
