import { sql } from "drizzle-orm";
import type { PersonKind } from "@/lib/words";
import { collectionItems } from "./collections";
import { emptyRuns, messages, states, steps } from "./runs";
import { texts } from "./texts";
import { idList, those, type Wiper } from "./wiper";

/** Deleted; of one that was accepted by hand the row stays, to say what happened. */
const refused: Wiper = async (tx, { projectId, ids }) => {
  await tx.execute(
    sql`delete from refused_requests where id = any(${idList(ids)}) and project_id = ${projectId} and accepted_at is null`,
  );
  await tx.execute(
    sql`update refused_requests set path = '{}', query = '{}', parameters = null, headers = '{}', content_type = null, body = null,
          preview = '', detail = null, kept = 0, room = null
        where id = any(${idList(ids)}) and project_id = ${projectId}`,
  );
  return ids;
};

/** One that has not ended still needs its filter. */
const bulkActs: Wiper = async (tx, wiped) => {
  const ended = await those(
    tx,
    wiped.ids,
    sql`not exists (select 1 from bulk_acts a where a.id = i.id and a.project_id = ${wiped.projectId}
          and a.state in ('running', 'paused', 'undoing'))`,
  );
  return texts({ table: "bulk_acts", text: ["name", "problem"], json: ["filter"] })(tx, {
    ...wiped,
    ids: ended,
  });
};

const mails: Wiper = async (tx, { projectId, ids }) => {
  await tx.execute(
    sql`/* checked: they link to the project */ delete from mails where id = any(${idList(ids)}) and text like ${`%/p/${projectId}%`}`,
  );
  return ids;
};

/** One that has not ended waits. */
const tests: Wiper = async (tx, { projectId, ids }) => {
  await tx.execute(
    sql`delete from test_runs where id = any(${idList(ids)}) and project_id = ${projectId} and finished_at is not null`,
  );
  return those(
    tx,
    ids,
    sql`not exists (select 1 from test_runs t where t.id = i.id and t.project_id = ${projectId})`,
  );
};

/** People change it where it is. */
const never: Wiper = async () => [];

/** How each kind of thing is wiped. */
export const wipers: Record<PersonKind, Wiper> = {
  message: messages,
  step: steps,
  run: emptyRuns,
  input: states,
  saved_input: states,
  cursor: states,
  collection_item: collectionItems,
  refused,
  issue: texts({ table: "issues", text: ["title"] }),
  audit: texts({ table: "audit_events", text: ["item_id"], json: ["before", "after"] }),
  bulk_act: bulkActs,
  notice: texts({ table: "notices", text: ["subject", "error"] }),
  mail: mails,
  note: texts({ table: "reveals", text: ["reason"] }),
  code: never,
  setting: never,
  test: tests,
};
