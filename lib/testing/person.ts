import { randomUUID } from "node:crypto";
import { seal } from "@/lib/crypto/envelope";
import { sign } from "@/lib/domain/person/certificate";
import { digestOf, personContext, sealKeys } from "@/lib/domain/person/keys";
import type { CertificateContent } from "@/lib/domain/person/schemas";
import { testDatabase } from "./database";

/** A search for a person that has found a message, and the certificate of another one, as they are stored. */
export async function createPersonSearch({
  project,
  messageId,
}: {
  project: { id: string; name: string };
  messageId: string;
}): Promise<{ person: string; certificate: string }> {
  const { query } = testDatabase();
  const [id = "", ended = "", certificate = ""] = [randomUUID(), randomUUID(), randomUUID()];
  const keys = [{ text: "Amina", isPart: false }];
  await query(
    `insert into person_requests (id, project_id, state, sealed, key_count, until, created_by_label, found, wiped)
     values ($1, $3, 'found', $4, 1, uuid_v7(), 'owner', 1, 0), ($2, $3, 'wiped', null, 1, uuid_v7(), 'owner', 1, 1)`,
    [id, ended, project.id, sealKeys(project.id, keys)],
  );
  await query(
    `insert into person_items (request_id, project_id, kind, item_id, via, places, at, message_id, excerpt)
     values ($1, $2, 'message', $3, 'found', '{body}', now(), $3, $4)`,
    [id, project.id, messageId, seal("Amina", personContext(project.id))],
  );
  const at = new Date().toISOString();
  const content: CertificateContent = {
    version: 1,
    id: certificate,
    project,
    requestId: ended,
    askedAt: at,
    wipedAt: at,
    by: null,
    reason: "They asked for it",
    keys: keys.map((key) => digestOf(project.id, key)),
    wiped: [{ kind: "message", count: 1 }],
    things: "0".repeat(64),
    lookedThroughUntil: at,
    left: [],
    recipients: ["a.example"],
  };
  await query(
    `insert into wipe_certificates (id, project_id, request_id, content, signature, by_label) values ($1, $2, $3, $4, $5, 'owner')`,
    [certificate, project.id, ended, JSON.stringify(content), sign(content)],
  );
  return { person: id, certificate };
}
