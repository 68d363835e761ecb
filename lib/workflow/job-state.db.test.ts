import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { compareFinished, type FinishedExecution, newerRow } from "./job-state";

const database = testDatabase();

it("orders finished executions in SQL exactly as in memory, ties included", async () => {
  const instants = [0, 1, 2].map((second) => new Date(Date.UTC(2026, 10, 22, 9, 0, second)));
  const pick = <T>(items: T[], n: number) => items[n % items.length] as T;
  const executions = Array.from(
    { length: 60 },
    (_, n): FinishedExecution => ({
      id: randomUUID(),
      startedAt: pick(instants, n),
      finishedAt: pick(instants, Math.floor(n / 3)),
      reason: "success",
    }),
  );
  const rows = await database.query<{ id: string }>(
    `select x.id from jsonb_to_recordset($1::jsonb) as x(id uuid, started_at timestamptz, finished_at timestamptz)
     order by ${newerRow("x")}`,
    [
      JSON.stringify(
        executions.map((e) => ({ id: e.id, started_at: e.startedAt, finished_at: e.finishedAt })),
      ),
    ],
  );
  expect(rows.map((row) => row.id)).toEqual([...executions].sort(compareFinished).map((e) => e.id));
});
