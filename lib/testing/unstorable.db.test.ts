import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { auditEvents } from "@/db/schema";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { resendMessage } from "@/lib/domain/message/resend";
import { listLogs } from "@/lib/domain/run/logs";
import { getStepInput, getStepOutput } from "@/lib/domain/run/payloads";
import { write } from "@/lib/domain/write";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { type Clinic, createClinic } from "./clinic";
import { testConnect, testDatabase } from "./database";

const database = testDatabase();
let clinic: Clinic;
beforeAll(async () => {
  clinic = await createClinic();
});

/** JSON text as senders write it, with all that PostgreSQL refuses, in keys and values. */
const hostileText = fc.oneof(
  fc.constantFrom(
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "a\\u0000b",
    "\\ud83d!",
    "__proto__",
    "",
    "\\uFFFF",
  ),
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text).slice(1, -1)),
);
const hostileNumber = fc.oneof(
  fc.constantFrom("1e400", "-1e400", "1E-400", "1e999999", "-0", "1e-20000", "0.1e+131073"),
  fc.integer({ min: 1, max: 150_000 }).map((length) => "7".repeat(length)),
);
const { value: hostileJson } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    hostileText.map((text) => `"${text}"`),
    hostileNumber,
    fc.constantFrom("true", "null"),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(" , ")}]`),
    fc
      .array(fc.tuple(hostileText, tie("value")), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(",")}}`),
    fc.integer({ min: 400, max: 480 }).map((n) => `${"[".repeat(n)}1${"]".repeat(n)}`),
  ),
}));
const numRuns = { numRuns: 60 };

const inbox = async (query: typeof database.query) => ({
  query,
  ...(await inboxKeys("test-secret-key-test-secret-key-test-secret-key")),
  maxBodyBytes: 10_000_000,
});

async function sent(query: typeof database.query, body: string, contentType: string) {
  const answer = await accept(
    {
      method: "POST",
      segments: [clinic.project.inboxId, "a\0b", "\ud800"],
      search: "?q%00=%00&__proto__=1&h=%ED%A0%80",
      headers: { "content-type": contentType, "x-odd": "\ud800" },
      body: new Blob([body]).stream(),
    },
    await inbox(query),
  );
  return { status: answer.status, id: answer.headers["x-meta-message-id"] ?? "" };
}

describe("nothing that may be sent is refused by the store", () => {
  test("a message, on a connection that has prepared the statement long ago, and the job gets its bytes", async () => {
    await fc.assert(
      fc.asyncProperty(hostileJson, async (value) => {
        const body = `{"form":"visit","name":"Grace","v":${value}}`;
        const { status, id } = await sent(database.query, body, "application/json");
        expect(status).toBe(202);
        let input = "";
        await clinic.execute(id, (request) => {
          input ||= request.input;
          return { output: request.input };
        });
        const message = await getMessage(clinic.ctx, id);
        expect(message.jobStates.map(({ result }) => result)).toEqual(["success", "success"]);
        expect(input).toContain(`"data":${body},`);
        const [step] = message.workOrders.flatMap(({ runs }) => runs.flatMap(({ steps }) => steps));
        expect(await getStepInput(clinic.ctx, step?.id ?? "")).toBe(input);
        expect(await getStepOutput(clinic.ctx, step?.id ?? "")).toBe(input);
      }),
      numRuns,
    );
  });

  test("a message, on a connection of its own, whatever it says it is", async () => {
    const types = fc.constantFrom(
      "application/json",
      "text/plain",
      "text/xml",
      "application/x-www-form-urlencoded",
      "",
    );
    await fc.assert(
      fc.asyncProperty(hostileJson, types, async (value, type) => {
        const fresh = testConnect(process.env.DATABASE_URL ?? "", { max: 1 });
        try {
          const form = encodeURIComponent(value);
          const body = type.endsWith("urlencoded") ? `${form}=%00&a%00=${form}` : `{"k\\u0000":${value}}`;
          expect((await sent(fresh.query, body, type)).status).toBe(202);
        } finally {
          await fresh.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  test("nested XML and JSON of any depth", async () => {
    for (const levels of [400, 3_000, 20_000, 90_000]) {
      const xml = `${"<a>".repeat(levels)}${"</a>".repeat(levels)}`;
      const json = `${'{"a":['.repeat(levels)}${"]}".repeat(levels)}`;
      expect((await sent(database.query, xml, "text/xml")).status).toBe(202);
      expect((await sent(database.query, json, "application/json")).status).toBe(202);
    }
  });

  test("an edited copy", async () => {
    const original = await clinic.receive({ form: "other" });
    await fc.assert(
      fc.asyncProperty(hostileJson, async (value) => {
        const body = `{"form":"visit","v":${value},"k\\ud800":1}`;
        const { messageId } = await resendMessage(clinic.ctx, { messageId: original, body });
        expect((await getMessage(clinic.ctx, messageId)).resentFrom).toBe(original);
      }),
      numRuns,
    );
  });

  test("what a job throws, logs and connects to", async () => {
    await fc.assert(
      fc.asyncProperty(hostileJson, fc.string({ unit: "binary" }), async (value, text) => {
        const id = await clinic.receive({ form: "visit" });
        const details = {
          [`k\0${text}`]: JSON.parse(value),
          deep: JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`),
        };
        const line = {
          seq: 0,
          at: Date.now(),
          level: "info",
          source: "JOB",
          message: `\0\ud800${text}`,
        } as const;
        const error = { type: `T\0${text}`, message: `\0\udc00${text}`, details };
        const connection = {
          host: `h\0${text}`,
          port: 1,
          address: null,
          bytesSent: 0,
          bytesReceived: 0,
          durationMs: 0,
        };
        await clinic.execute(
          id,
          () => ({ reason: "fail", error, output: `{"errors":${value}}`, connections: [connection] }),
          [line],
        );
        const { workOrders } = await getMessage(clinic.ctx, id);
        const [step] = workOrders.flatMap(({ runs }) => runs.flatMap(({ steps }) => steps));
        expect(step?.exitReason).toBe("fail");
        expect((await listLogs(clinic.ctx, step?.id ?? "", {})).items).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });

  test("what is recorded", async () => {
    await fc.assert(
      fc.asyncProperty(hostileJson, async (value) => {
        const after = { "k\0": JSON.parse(value) };
        await write(clinic.ctx, "own", async () => ({
          result: null,
          audit: { event: "run.rerun", before: after, after },
          changed: null,
        }));
      }),
      numRuns,
    );
    expect(await database.db.$count(auditEvents)).toBeGreaterThan(60);
  });
});

test("what is around it can be read and found", async () => {
  const { items } = await listMessages(clinic.ctx, { text: "Grace" });
  expect(items.length).toBeGreaterThan(0);
});
