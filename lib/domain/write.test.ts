import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Program text below these folders, by path from the repository's root. */
function sources(...folders: string[]): Map<string, string> {
  const found = folders.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.test|\.d)\.(ts|tsx)$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  return new Map(found.map((file) => [file, fs.readFileSync(path.join(root, file), "utf8")]));
}

const domain = sources("lib/domain");
const containing = (pattern: RegExp, files = domain) =>
  [...files]
    .filter(([, text]) => pattern.test(text))
    .map(([file]) => file)
    .sort();

/** Where a statement of its own changes something, and why nobody is named for it. */
const plain: Record<string, string> = {
  "lib/domain/adaptor/artefacts.ts": "what a runner built, kept for others",
  "lib/domain/credential/lease.ts": "who asks a token server now",
  "lib/domain/credential/renewal-problem.ts": "what came of asking a token server",
  "lib/domain/project-token/resolve.ts": "when it was last used",
  "lib/domain/rate-limit/consume.ts": "attempts count although what they tried is undone",
  "lib/domain/runner/book.ts": "which runner was heard when",
  "lib/domain/session/resolve.ts": "when it was last seen",
  "lib/domain/test-run/progress.ts": "that an engine has a test in hand, and what its jobs came to",
  "lib/domain/token/resolve.ts": "when it was last used",
  "lib/domain/workflow/adaptors.ts": "what a runner said of an adaptor",
};

/** Given the `tx` of a `write`, and never called without. */
const parts = [
  "lib/domain/audit.ts",
  "lib/domain/bulk/end-runs.ts",
  "lib/domain/provision/apply.ts",
  "lib/domain/second-factor/codes.ts",
  "lib/domain/second-factor/take-code.ts",
  "lib/domain/taken-ids.ts",
  "lib/domain/test-run/insert.ts",
];

/** The batches in which what `write` has recorded is carried out: each a transaction of its own. */
const batches = ["drain", "rows", "tokens"].map((name) => `lib/domain/purge/${name}.ts`);

/** What such a batch takes away: given the transaction that it is in. */
const retention = ["delete-orders", "gone", "wipe"].map((name) => `lib/domain/retention/${name}.ts`);

/** What ends by itself after its hours, or when there is more of it than is kept, in batches as well. */
const ending = ["bulk/forget", "purge/deliveries", "purge/refused", "test-run/forget"].map(
  (name) => `lib/domain/${name}.ts`,
);

/** Items of collections: their changes are in the `tx` of a `write` (items.ts); those that were emptied go batch by batch. */
const items = ["delete-items", "drain", "put-items"].map((name) => `lib/domain/collection/${name}.ts`);

/** What is counted of everybody, and who was told of it: facts that nobody did. */
const counts = [
  "lib/domain/plan/tell.ts",
  ...["count-bytes", "count", "join-counts"].map((name) => `lib/domain/usage/${name}.ts`),
];

/** Whom the product tells of what happened, and how far that got. */
const telling = ["claim", "digest/send", "operator/watch", "queue", "send-mail"].map(
  (name) => `lib/domain/notice/${name}.ts`,
);

/** What issues count of failures, in the `tx` of a `write`, and who asks for it. */
const issues = ["ask", "keep"].map((name) => `lib/domain/issue/${name}.ts`);

/** The list of what holds a person's data, and how each is wiped, in the `tx` of a `write`. */
const persons = ["cursors", "rows", "wipers/collections", "wipers/index", "wipers/runs"].map(
  (name) => `lib/domain/person/${name}.ts`,
);

const builder = String.raw`\s*\.(?:insert|update|delete)\(`;
const statement = String.raw`\b(?:insert into|delete from|update \w+ (?:\w+ )?set)\b`;
const changes = new RegExp(String.raw`\b(?:tx|db)${builder}|${statement}`);
const besideWrite = new RegExp(String.raw`\bdb(?:${builder}|\b[^;]*?${statement})`);
/** Rows are changed through a `tx`, which only `write` makes and its callers hand on by that name. */
const otherTx = /\b(?:const|let) tx\b|\btx = |\btx: (?!Db\b)/;

it("opens transactions in write() alone", () => {
  // Partitions come and go with no row of anybody's.
  expect(containing(/\.transaction\(/)).toEqual(["lib/domain/partition/parts.ts", "lib/domain/write.ts"]);
});

it("records who did what in write() alone", () => {
  const all = new Map(
    [...sources("lib", "app", "inngest", "components")].filter(([file]) => !file.startsWith("lib/testing/")),
  );
  expect(containing(/(?<![.\w])audit\(/, domain)).toEqual(["lib/domain/audit.ts", "lib/domain/write.ts"]);
  expect(containing(/\.insert\(auditEvents\)|insert into audit_events/, all)).toEqual([
    "lib/domain/audit.ts",
  ]);
  expect(containing(/import (?!type)[^;]*\/audit";/, all)).toEqual(["lib/domain/write.ts"]);
});

it("changes nothing beside write(), but for what nobody did", () => {
  const exempt = Object.keys(plain);
  expect(containing(besideWrite)).toEqual(exempt);
  const writers = new Set(containing(/import \{[^}]*\bwrite\b[^}]*\} from "(?:@\/lib\/domain|\.)\/write"/));
  const others = containing(changes).filter((file) => !writers.has(file));
  expect(others).toEqual(
    [
      ...exempt,
      ...parts,
      ...batches,
      ...retention,
      ...ending,
      ...counts,
      ...telling,
      ...issues,
      ...items,
      ...persons,
    ].sort(),
  );
  expect(containing(otherTx)).toEqual([]);
});

it("has no door to the network of its own", () => {
  const doors =
    /(?<![.\w])fetch\(|\bhttps?\.(?:request|get)\(|\b(?:net|tls)\.connect\(|"(?:undici|axios|got)"/;
  expect(containing(doors)).toEqual([]);
});
