import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { pauseWorkflow } from "@/lib/domain/workflow/pause";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { getMessageBody } from "./body";
import { getMessage } from "./get";
import { resendMessage } from "./resend";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});
const get = (id: string, filter?: Parameters<typeof getMessage>[2]) => getMessage(clinic.ctx, id, filter);

describe("the receipt", () => {
  test("holds what arrived: path, query, headers, bytes", async () => {
    const id = await clinic.receive('{"form":"other","n":1}', {
      path: ["a", "b c"],
      search: "?x=1&x=2&y=",
      contentType: "application/json; charset=utf-8",
    });
    expect(await get(id)).toMatchObject({
      id,
      projectId: clinic.project.id,
      method: "POST",
      path: ["a", "b c"],
      query: { x: "2", y: "" },
      reading: {
        parameters: [
          ["x", "1"],
          ["x", "2"],
          ["y", ""],
        ],
      },
      headers: { "content-type": "application/json; charset=utf-8" },
      body: { encoding: "text", content: '{"form":"other","n":1}', truncated: false },
      view: { form: "other", n: 1 },
      sentBy: null,
      resends: [],
      delivery: null,
      workOrders: [],
    });
  });

  test("says of a run that must not start yet what it waits for", async () => {
    await pauseWorkflow(clinic.ctx, clinic.workflows.visit);
    const { workOrders } = await get(await clinic.receive({ form: "visit" }));
    expect(workOrders[0]?.runs).toMatchObject([{ state: "pending", waitsFor: "resume" }]);
  });

  test("holds every attempt with its steps; those that a rerun continues from are marked", async () => {
    const id = await clinic.receive({ form: "visit" });
    await clinic.execute(id, ({ job }) => (job.name === "Payment" ? failure() : {}));
    await elevenSecondsLater(id);
    await rerunMessage(clinic.ctx, { messageId: id, jobId: clinic.jobs.payment });
    await clinic.execute(id);
    const { workOrders } = await get(id);
    expect(workOrders.map((o) => [o.workflowName, o.state])).toEqual([["Visit", "success"]]);
    const runs = workOrders[0]?.runs ?? [];
    expect(runs.map((r) => [r.attempt, r.state, r.startingJobId, r.createdBy])).toEqual([
      // Notify dealt with the failure.
      [1, "success", null, null],
      [2, "success", clinic.jobs.payment, clinic.ctx.actor.label],
    ]);
    expect(runs[0]?.steps.map((s) => [s.jobName, s.exitReason, s.linked])).toEqual([
      ["Referral", "success", false],
      ["Payment", "fail", false],
      ["Notify", "success", false],
    ]);
    expect(runs[1]?.steps.map((s) => [s.jobName, s.exitReason, s.linked])).toEqual([
      ["Referral", "success", true],
      ["Payment", "success", false],
    ]);
    expect(runs[0]?.steps[1]?.error).toMatchObject({ type: "JobError", message: "no" });
  });

  test("of an edited copy names the original, and the original its copies", async () => {
    const id = await clinic.receive({ form: "other" });
    const copies = [];
    for (let i = 0; i < 2; i++)
      copies.push((await resendMessage(clinic.ctx, { messageId: id, body: "{}" })).messageId);
    expect((await get(id)).resends.map((r) => r.id)).toEqual(copies);
    expect(await get(copies[0] ?? "")).toMatchObject({
      resentFrom: id,
      source: "resend",
      sentBy: clinic.ctx.actor.label,
    });
  });

  test("is not there for a stranger, nor is its body", async () => {
    const id = await clinic.receive({ form: "visit" });
    const stranger = await createClinic();
    await expectRefusal(getMessage(stranger.ctx, id), "not_found");
    await expectRefusal(getMessageBody(stranger.ctx, id), "not_found");
    await expectRefusal(get(randomUUID()), "not_found");
  });

  test("is there for a viewer", async () => {
    const id = await clinic.receive({ form: "other" });
    expect((await getMessage(clinic.as("viewer"), id)).id).toBe(id);
  });
});

describe("the body", () => {
  test("that is no text is base64, and downloads as it was sent", async () => {
    const bytes = new Uint8Array([0xff, 0x00, 0xfe, 0x41]);
    const id = await clinic.receive(bytes, { contentType: "image/png" });
    expect(await get(id)).toMatchObject({
      format: "binary",
      body: { encoding: "base64", content: Buffer.from(bytes).toString("base64"), truncated: false },
      view: undefined,
    });
    const download = await getMessageBody(clinic.ctx, id);
    expect(download.contentType).toBe("image/png");
    expect([...download.body]).toEqual([...bytes]);
  });

  test("is cut when it is long, and whole in the download", async () => {
    const text = JSON.stringify({ form: "other", long: "x".repeat(300_000) });
    const id = await clinic.receive(text);
    const { body, view } = await get(id);
    expect(body).toEqual({ encoding: "text", content: text.slice(0, 256_000), truncated: true });
    expect(view).toBeUndefined();
    expect(Buffer.from((await getMessageBody(clinic.ctx, id)).body).toString()).toBe(text);

    const noise = new Uint8Array(300_000).fill(0xff);
    const binary = await clinic.receive(noise, { contentType: "application/octet-stream" });
    const shown = (await get(binary)).body;
    expect(shown).toMatchObject({ encoding: "base64", truncated: true });
    expect(Buffer.from(shown.content, "base64")).toHaveLength(256_000);
  });

  test.each([
    ["a form", "a=1&b=x+y", "application/x-www-form-urlencoded", { a: "1", b: "x y" }],
    [
      "XML",
      "<visit id='7'><name>Ada</name></visit>",
      "application/xml",
      { visit: { "@id": "7", name: "Ada" } },
    ],
    ["plain text", "hello", "text/plain", undefined],
    ["JSON that is none", "{not json", "application/json", undefined],
    ["JSON that jsonb cannot hold", '{"a":"x\\u0000y"}', "application/json", { a: "x\ufffdy" }],
    ["nothing", "", "application/json", undefined],
  ])("of %s has the view that its type gives it", async (_, body, contentType, view) => {
    const id = await clinic.receive(body, { contentType });
    const message = await get(id);
    expect(message.view).toEqual(view);
    expect(message.body).toEqual({ encoding: "text", content: body, truncated: false });
  });

  test("is had as text, whatever it came in, and file by file", async () => {
    const body = async (id: string, how: Parameters<typeof getMessageBody>[2]) => {
      const { body, ...more } = await getMessageBody(clinic.ctx, id, how);
      return { text: Buffer.from(body).toString(), ...more };
    };
    const latin = await clinic.receive(gzipSync(Buffer.from("Zo\xeb", "latin1")), {
      contentType: "text/plain; charset=latin1",
      encoding: "gzip",
    });
    expect(await body(latin, { as: "text" })).toMatchObject({ text: "Zoë" });
    await expectRefusal(getMessageBody(clinic.ctx, latin, { file: 0 }), "not_found");
    const part = (name: string, data: string, more = "") =>
      `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\nContent-Type: text/x\r\n${more}\r\n${data}\r\n`;
    const form = await clinic.receive(
      gzipSync(`${part("1.x", "one")}${part("2.x", "dHdv", "Content-Transfer-Encoding: base64\r\n")}--b--`),
      { contentType: "multipart/form-data; boundary=b", encoding: "gzip" },
    );
    expect(await body(form, { file: 0 })).toEqual({ text: "one", contentType: "text/x", name: "1.x" });
    expect(await body(form, { file: 1 })).toEqual({ text: "two", contentType: "text/x", name: "2.x" });
    await expectRefusal(getMessageBody(clinic.ctx, form, { file: 2 }), "not_found");
    const bytes = await clinic.receive(Uint8Array.from([0xff, 0]), { contentType: "image/png" });
    await expectRefusal(getMessageBody(clinic.ctx, bytes, { as: "text" }), "invalid");
  });

  test("that came compressed is kept so, and seen unpacked", async () => {
    const packed = gzipSync('{"form":"other","n":1}');
    const id = await clinic.receive(packed, { encoding: "gzip" });
    const message = await get(id);
    expect(message.view).toEqual({ form: "other", n: 1 });
    expect(message.body).toEqual({ encoding: "text", content: '{"form":"other","n":1}', truncated: false });
    expect(Buffer.from((await getMessageBody(clinic.ctx, id)).body).equals(packed)).toBe(true);
  });
});

describe("neighbours", () => {
  const around = async (id: string, filter?: Parameters<typeof getMessage>[2]) => {
    const { newer, older } = await get(id, filter);
    return { newer, older };
  };

  test("are those above and below in the list it was opened from", async () => {
    const [a, b, c, d, e] = [
      await clinic.receive({ form: "visit" }),
      await clinic.receive({ form: "other" }),
      await clinic.receive({ form: "visit" }),
      await clinic.receive({ form: "other" }),
      await clinic.receive({ form: "visit" }),
    ];
    expect(await around(c)).toEqual({ newer: d, older: b });
    expect(await around(a)).toEqual({ newer: b, older: null });
    expect(await around(e)).toEqual({ newer: null, older: d });
    expect(await around(c, { state: "unmatched" })).toEqual({ newer: d, older: b });
    expect(await around(c, { state: "waiting" })).toEqual({ newer: e, older: a });
    await clinic.execute(a, ({ job }) => (job.name === "Payment" ? failure() : {}));
    await clinic.execute(e);
    expect(await around(c, { state: "success" })).toEqual({ newer: e, older: a });
    expect(await around(c, { state: "failure" })).toEqual({ newer: null, older: a });
    expect(await around(c, { job: clinic.jobs.payment })).toEqual({ newer: e, older: a });
    expect(await around(c, { job: clinic.jobs.payment, state: "success" })).toEqual({
      newer: e,
      older: null,
    });
    expect(await around(c, { job: clinic.jobs.hooked })).toEqual({ newer: null, older: null });
  });

  test("keep to the list's dates", async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push(await clinic.receive({ form: "other" }));
    const [a, b, c] = ids;
    const moments = await database.query<{ at: Date }>(
      "select received_at as at from messages where id = any($1::uuid[]) order by id",
      [ids],
    );
    expect(await around(b ?? "")).toEqual({ newer: c, older: a });
    const day = 86_400_000;
    const later = new Date((moments[0]?.at.getTime() ?? 0) + day).toISOString();
    const earlier = new Date((moments[0]?.at.getTime() ?? 0) - day).toISOString();
    expect(await around(b ?? "", { from: earlier, to: later })).toEqual({ newer: c, older: a });
    expect(await around(b ?? "", { from: later })).toEqual({ newer: null, older: null });
    expect(await around(b ?? "", { to: earlier })).toEqual({ newer: null, older: null });
  });

  test("are the project's own", async () => {
    const stranger = await createClinic();
    const before = await stranger.receive({ form: "other" });
    const id = await clinic.receive({ form: "other" });
    const after = await stranger.receive({ form: "other" });
    expect(await around(id)).toEqual({ newer: null, older: null });
    expect(before < id && id < after).toBe(true);
  });
});
