import { expect, test } from "vitest";
import { readBody } from "@/lib/body/read";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { createClinic } from "@/lib/testing/clinic";
import { corpus } from "@/lib/testing/corpus";
import { testDatabase } from "@/lib/testing/database";
import { listMessages } from "./list";

const database = testDatabase();

/** JSON as senders write it, at every edge of what is shown and of what a row holds. */
const edges = [
  "{}",
  '\ufeff{"a":1}',
  `{"a":"${"x".repeat(196)} tail"}`,
  `{${" \n".repeat(150)}"a":1}`,
  `{${" ".repeat(500)}"a":1}`,
  `{"a":"${"😀".repeat(300)}"}`,
  `{"a":"${"x".repeat(193)}😀"}`,
  '{"a":"\\u0000","b":"\\ud800"}',
  `{"a":"${"é".repeat(700)}"}`,
  `{"a":"${"x".repeat(5_000)}"}`,
  "17",
].map((body, i) => ({ name: `edge ${i}`, contentType: "application/json", body: Buffer.from(body) }));

test("a list shows how every message begins, whether that is stored or lies in its body", async () => {
  const clinic = await createClinic();
  const [project] = await database.query<{ inbox_id: string }>(
    "select inbox_id from projects where id = $1",
    [clinic.ctx.project.id],
  );
  const keys = await inboxKeys("x".repeat(40));
  const asRead = new Map<string, string>();
  for (const { name, contentType, body, ...payload } of [...edges, ...corpus()]) {
    const contentEncoding = "contentEncoding" in payload ? (payload.contentEncoding ?? null) : null;
    for (const more of [{}, { "x-long": "x".repeat(1_700) }]) {
      const { accepted, status } = await accept(
        {
          ...{ method: "POST", segments: [project?.inbox_id ?? ""], search: "" },
          headers: {
            "content-type": contentType,
            ...(contentEncoding ? { "content-encoding": contentEncoding } : {}),
            ...more,
          },
          body: new Response(new Uint8Array(body)).body,
        },
        { query: database.query, ...keys, maxBodyBytes: 1e6 },
      );
      const read = await readBody(body, { contentType, contentEncoding });
      if (!accepted || "refused" in read) throw new Error(`${name} was not accepted: ${status}`);
      asRead.set(accepted.messageId, read.preview);
    }
  }
  const shown = new Map<string, string>();
  let cursor: string | undefined;
  do {
    const page = await listMessages(clinic.ctx, { limit: 100, ...(cursor ? { cursor } : {}) });
    for (const { id, preview } of page.items) shown.set(id, preview);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  for (const [id, preview] of asRead) expect(shown.get(id)).toBe(preview);
  const [stored] = await database.query<{ beside: number; within: number }>(
    `select count(*) filter (where preview <> '')::int as beside, count(*) filter (where preview = '' and length(body) > 0)::int as within
     from messages where project_id = $1`,
    [clinic.ctx.project.id],
  );
  expect(stored?.beside).toBeGreaterThan(asRead.size / 2);
  expect(stored?.within).toBeGreaterThan(20);
});
