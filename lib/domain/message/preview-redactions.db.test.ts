import { beforeEach, describe, expect, test } from "vitest";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { previewRedactions } from "./preview-redactions";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

const preview = (...paths: string[]) =>
  previewRedactions(clinic.ctx, { redactions: paths.map((path) => ({ path })) });

describe("a preview of what would be redacted", () => {
  test("says where each path leads in the newest message, without its values", async () => {
    await clinic.receive({ old: true });
    const id = await clinic.receive(
      {
        patient: { name: "Amina", "a b": 1 },
        list: Array.from({ length: 9 }, () => ({ name: "Binta" })),
        none: null,
      },
      { search: "?name=Amina" },
    );
    const said = await preview(
      "$.data.patient.name",
      "$..name",
      "$.data.none",
      "$.data.patient['a b']",
      "$.request.headers.*",
    );
    expect(said).toMatchObject({
      message: { id },
      problem: null,
      paths: [
        { count: 1, places: ["$.data.patient.name"] },
        { count: 11, places: expect.arrayContaining(["$.data.list[0].name"]) },
        { count: 0, places: [] },
        { count: 1, places: ['$.data.patient["a b"]'] },
        {},
      ],
    });
    expect(said.paths[1]?.places).toHaveLength(5);
    expect(JSON.stringify(said)).not.toMatch(/Amina|content-type/);
  });

  test("says that such a message would be refused", async () => {
    await clinic.receive("a text", { contentType: "text/plain" });
    expect((await preview("$.data.name")).problem).toContain("cannot be found in this one");
    expect(await preview("$.data")).toMatchObject({ problem: null, paths: [{ count: 1 }] });
  });

  test("tries nothing where there is no message, or none any more", async () => {
    expect(await preview("$.data.name")).toMatchObject({ message: null, paths: [{ count: 0 }] });
    const other = await createClinic();
    await other.receive({ name: "Amina" });
    expect(await preview("$.data.name")).toMatchObject({ message: null });
    const id = await clinic.receive({ name: "Amina" });
    await database.query("update messages set wiped_at = now(), body = '' where id = $1", [id]);
    expect(await preview("$.data.name")).toMatchObject({ message: null });
  });

  test("is the owner's and admins'", async () => {
    for (const role of ["editor", "viewer"] as const)
      await expectRefusal(previewRedactions(clinic.as(role), { redactions: [] }), "forbidden");
  });
});
