import type { Sql } from "@/db/client";
import { type Bucket, BucketError, bucket } from "./bucket";

/**
 * Sees that a bucket is the one that this database's payloads lie in, by an object that is its mark: another one has none of them, and
 * they are not lost. Marks it where there are none yet. Throws `BucketError` when it is another, and what the storage says.
 */
export async function ownBucket(query: Sql["query"], to: Bucket): Promise<void> {
  const [home] = await query<{ id: string; isUsed: boolean }>(
    `/* all tenants: whether there are any */ select id, exists (select 1 from payloads) as "isUsed" from payloads_home`,
    [],
  );
  if (!home) throw new Error("The database has lost what its bucket is marked with.");
  const name = `waybill-${home.id}`;
  if (await to.get(name)) return;
  if (home.isUsed)
    throw new BucketError(
      `PAYLOADS_URL names another bucket than the one that payloads lie in: it does not have ${name}.`,
    );
  await to.put(name, Buffer.from("Payloads of Waybill lie here. Leave this object with them.\n"));
}

const freshMs = 60_000;
let last: { at: number; problem: Promise<string | null> } | undefined;

/** What is wrong with the storage, if anything; it is asked once a minute at most. */
export function bucketProblem(query: Sql["query"], to: Bucket | null = bucket()): Promise<string | null> {
  if (!last || performance.now() - last.at >= freshMs)
    last = {
      at: performance.now(),
      problem: Promise.resolve(to && ownBucket(query, to)).then(
        () => null,
        (error: unknown) => (error instanceof BucketError ? error.message : "It cannot be looked at."),
      ),
    };
  return last.problem;
}
