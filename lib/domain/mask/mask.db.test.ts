import { beforeEach, describe, expect, test } from "vitest";
import { getBulkAct, listBulkActs } from "@/lib/domain/bulk/get";
import { startBulk } from "@/lib/domain/bulk/start";
import { getMessage } from "@/lib/domain/message/get";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { addTestMember, contextFor, expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { maskedErrorLine } from "./error-line";
import { maskFor } from "./mask";
import { unprotected } from "./protection";
import { reveal } from "./reveal";
import { getProtection, setProtection } from "./set";

const database = testDatabase();
let clinic: Clinic;
const masks = ["$.patient.name", "$.patient.pin"];
const visit = { form: "visit", patient: { name: "Amina Diallo", pin: 42 } };
const why = "A question of the clinic";

beforeEach(async () => {
  clinic = await createClinic();
  await setProtection(clinic.ctx, { ...unprotected, masks });
});

const viewersVeil = async (messageId: string) => {
  const mask = await maskFor(clinic.as("viewer"));
  if (!mask) throw new Error("Nothing is masked.");
  return mask.veil({ messageId });
};

const stepOf = async (messageId: string) => {
  const [step] = await database.query<{ id: string; runId: string }>(
    `select id, run_id as "runId" from steps where message_id = $1 and error_message is not null limit 1`,
    [messageId],
  );
  return step ?? { id: "", runId: "" };
};

describe("a mask", () => {
  test("hides what a path leads to, and the same text wherever else it stands", async () => {
    const message = await clinic.receive(visit);
    await clinic.execute(message, () => ({
      output: '{"data":{"found":"Binta Sow","patient":{"name":"Binta Sow"}}}',
    }));
    const veil = await viewersVeil(message);
    expect(veil.text("Amina Diallo, later Binta Sow, PIN 42")).toBe("•••, later •••, PIN 42");
    expect(veil.key("42")).toBe("•••");
    const state = '{"data":{"patient":{"name":"X","pin":42},"n":42,"greeting":"Dear Binta Sow"}}';
    expect(JSON.parse(veil.state(state))).toEqual({
      data: { patient: { name: "•••", pin: "•••" }, n: 42, greeting: "Dear •••" },
    });
  });

  test("is none for owner and admins, nor for roles that the project does not name", async () => {
    for (const role of ["owner", "admin", "editor"] as const)
      expect(await maskFor(clinic.as(role))).toBeNull();
    await setProtection(clinic.ctx, { ...unprotected, masks, maskedRoles: ["editor"] });
    expect(await maskFor(clinic.as("editor"))).not.toBeNull();
    expect(await maskFor(clinic.as("viewer"))).toBeNull();
  });

  test("hides every line about what is wiped, or was never kept: nobody knows what it held", async () => {
    const message = await clinic.receive(visit);
    await clinic.execute(message);
    expect((await viewersVeil(message)).text("all is well")).toBe("all is well");
    await database.query(
      "update dataclips set body = null, wiped_at = now() where project_id = $1 and id in (select output_dataclip_id from steps where message_id = $2)",
      [clinic.project.id, message],
    );
    expect((await viewersVeil(message)).text("all is well")).toBe("•••");
    const other = await clinic.receive(visit);
    await database.query("update messages set body = ''::bytea where id = $1", [other]);
    expect((await viewersVeil(other)).text("all is well")).toBe("•••");
    const strange = await viewersVeil("01900000-0000-7000-8000-000000000000");
    expect(strange.text("all is well")).toBe("•••");
  });

  test("hides a text without structure whole, and its fields in logs", async () => {
    const message = await clinic.receive("name;phone\nAmina Diallo;0771234", { contentType: "text/csv" });
    const veil = await viewersVeil(message);
    expect(veil.text("calling 0771234 for Amina Diallo")).toBe("calling ••• for •••");
    expect(veil.state('{"data":"name;phone"}')).toBe('{"data":"•••"}');
  });

  test("is not fooled by numbers that JavaScript changes, by nesting, nor by what an earlier job fetched", async () => {
    const message = await clinic.receive('{"form":"visit","patient":{"name":12345678901234567890}}');
    const veil = await viewersVeil(message);
    expect(veil.text("of 12345678901234567890")).toBe("of •••");
    expect(
      veil.state('{"data":{},"references":[{"patient":{"name":"Fatou"}}],"x":12345678901234567890}'),
    ).toBe('{"data":{},"references":[{"patient":{"name":"•••"}}],"x":"•••"}');
    const deep = `{"data":{"patient":{"name":"Fatou"},"list":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
    expect(veil.state(deep).includes("Fatou")).toBe(false);
  });
});

describe("what people and jobs can make of a message", () => {
  test("is no way around a mask: a body read as a form, or in another charset, has its values elsewhere", async () => {
    await setProtection(clinic.ctx, { ...unprotected, masks, maskedRoles: ["editor"] });
    const editor = clinic.as("editor");
    const messageId = await clinic.receive(visit);
    for (const choice of [{ format: "form" }, { format: "text" }, { charset: "latin1" }] as const)
      await expectRefusal(readMessageAs(editor, { messageId, ...choice }), "forbidden");
    await readMessageAs(clinic.ctx, { messageId, format: "text" });
    await setProtection(clinic.ctx, { ...unprotected, masks });
    await readMessageAs(editor, { messageId, format: "text" });
  });

  test("tells nothing by the name of a bulk act, nor of a credential", async () => {
    const found = { target: "messages", filter: { text: '"Amina Diallo" visit' } } as const;
    const { id } = await startBulk(clinic.ctx, { name: "All of AMINA DIALLO", kind: "rerun", of: found });
    const { id: of } = await startBulk(clinic.ctx, {
      name: "Of that",
      kind: "cancel",
      of: { target: "runs", filter: { bulk: id } },
    });
    const viewer = clinic.as("viewer");
    expect(await getBulkAct(viewer, id)).toMatchObject({ name: "All of •••", filter: { text: "•••" } });
    expect(await getBulkAct(viewer, of)).toMatchObject({ name: "Of that", filterNames: { bulk: "•••" } });
    expect(JSON.stringify(await listBulkActs(viewer))).not.toMatch(/amina/i);
    expect(await getBulkAct(clinic.ctx, id)).toMatchObject({ name: "All of AMINA DIALLO" });
    const messageId = await clinic.receive(visit);
    await clinic.execute(messageId);
    await database.query("update steps set credential_name = 'Of Amina Diallo' where message_id = $1", [
      messageId,
    ]);
    expect(JSON.stringify(await getMessage(viewer, messageId))).not.toMatch(/amina/i);
    expect(JSON.stringify(await getMessage(clinic.ctx, messageId))).toContain("Of Amina Diallo");
  });
});

describe("the first line of an error", () => {
  test("is as those see it for whom the most is masked, whoever it goes to", async () => {
    const message = await clinic.receive(visit);
    await clinic.execute(message, () => failure("JobError", "No such patient: Amina Diallo\nat line 3"));
    const step = await stepOf(message);
    const { project } = clinic;
    for (const of of [{ stepId: step.id }, { runId: step.runId }])
      expect(await maskedErrorLine(database.db, project.id, of)).toBe("No such patient: •••");
    const other = await createClinic();
    expect(await maskedErrorLine(database.db, other.project.id, { stepId: step.id })).toBe("");
    await setProtection(clinic.ctx, { ...unprotected, masks, maskedRoles: [] });
    expect(await maskedErrorLine(database.db, project.id, { stepId: step.id })).toBe(
      "No such patient: Amina Diallo",
    );
  });
});

describe("revealing", () => {
  test("opens one message to one person, in a browser, for a quarter of an hour, and says why", async () => {
    await setProtection(clinic.ctx, { ...unprotected, masks, revealRoles: ["viewer"] });
    const [message, other] = [await clinic.receive(visit), await clinic.receive(visit)];
    const [one, another] = [
      await addTestMember(clinic.project, "viewer"),
      await addTestMember(clinic.project, "viewer"),
    ];
    const asViewer = (user: typeof one) => contextFor(user, clinic.project, "viewer");
    const text = async (ctx: ReturnType<typeof asViewer>, messageId: string) =>
      (await (await maskFor(ctx))?.veil({ messageId }))?.text("Amina Diallo");
    const { endsAt } = await reveal(asViewer(one), { messageId: message, reason: why });
    expect(Date.parse(endsAt)).toBeGreaterThan(Date.now());
    expect(await text(asViewer(one), message)).toBe("Amina Diallo");
    expect(await text(asViewer(one), other)).toBe("•••");
    expect(await text(asViewer(another), message)).toBe("•••");
    const token = { type: "token", userId: one.id, tokenId: one.id, label: "t" } as const;
    expect(await text({ ...asViewer(one), actor: token }, message)).toBe("•••");
    expect((await expectAudit("message.reveal", message)).after).toMatchObject({ reason: why });
    await database.query("update reveals set ends_at = now() where message_id = $1", [message]);
    expect(await text(asViewer(one), message)).toBe("•••");
  });

  test("is refused without a reason, to roles that may not, to tokens, and where nothing is masked", async () => {
    const message = await clinic.receive(visit);
    const viewer = clinic.as("viewer");
    await expect(async () => reveal(viewer, { messageId: message, reason: "why" })).rejects.toThrow(
      "Say why",
    );
    await expectRefusal(reveal(viewer, { messageId: message, reason: why }), "forbidden");
    await expectRefusal(reveal(clinic.ctx, { messageId: message, reason: why }), "conflict");
    await setProtection(clinic.ctx, { ...unprotected, masks, revealRoles: ["viewer"] });
    const token = { type: "token", userId: "x", tokenId: "x", label: "t" } as const;
    await expectRefusal(
      reveal({ ...viewer, actor: token }, { messageId: message, reason: why }),
      "forbidden",
    );
    const stranger = (await createClinic()).as("viewer");
    await expectRefusal(reveal(stranger, { messageId: message, reason: why }), "not_found");
  });

  test("a run without a message is revealed with the other runs of its work order", async () => {
    const [order] = await database.query<{ id: string }>(
      "insert into work_orders (project_id, workflow_id, snapshot_id) select project_id, id, snapshot_id from workflows where id = $1 returning id",
      [clinic.workflows.hook],
    );
    const [run] = await database.query<{ id: string }>(
      `insert into runs (project_id, workflow_id, work_order_id, snapshot_id, starting_job_id)
       select project_id, id, $2, snapshot_id, $3 from workflows where id = $1 returning id`,
      [clinic.workflows.hook, order?.id, clinic.jobs.hooked],
    );
    await setProtection(clinic.ctx, { ...unprotected, masks, revealRoles: ["viewer"] });
    const viewer = clinic.as("viewer");
    await reveal(viewer, { runId: run?.id ?? "", reason: why });
    const veil = await (await maskFor(viewer))?.veil({ messageId: null, workOrderId: order?.id ?? null });
    expect(veil?.isOpen).toBe(true);
  });
});

describe("a project's protection", () => {
  test("is read by everybody, set by owner and admins, and written down", async () => {
    expect(await getProtection(clinic.as("viewer"))).toEqual({ ...unprotected, masks });
    await expectRefusal(setProtection(clinic.as("editor"), unprotected), "forbidden");
    const twice = { ...unprotected, masks: ["$.a", "$.a"], maskedRoles: ["viewer", "editor"] as const };
    expect(await setProtection(clinic.as("admin"), { ...twice, maskedRoles: ["viewer", "editor"] })).toEqual({
      ...unprotected,
      masks: ["$.a"],
      maskedRoles: ["editor", "viewer"],
    });
  });

  test.each([
    ["a path that is none", { masks: ["patient.name"] }, "It begins with"],
    ["a filter in a path", { masks: ["$[?@.a]"] }, "no filter"],
    ["the owner", { maskedRoles: ["owner"] }, "maskedRoles"],
  ])("takes no %s", async (_, change, said) => {
    await expect(setProtection(clinic.ctx, { ...unprotected, ...change } as never)).rejects.toThrow(said);
  });

  test("lets no role reveal what is not masked for it", async () => {
    const odd = { ...unprotected, masks, revealRoles: ["editor" as const] };
    await expectRefusal(setProtection(clinic.ctx, odd), "invalid");
  });
});
