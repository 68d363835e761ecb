import { testDatabase } from "./database";

/** A stored message without what is new each time: its id and the time. Throws when it is not there. */
export async function storedMessage(id: string | null): Promise<Record<string, unknown>> {
  const [row] = await testDatabase().query("select * from messages where id = $1", [id]);
  if (!row) throw new Error(`There is no message ${id}.`);
  return { ...row, id: null, received_at: null };
}
