import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { getMessageState } from "@/lib/domain/run/payloads";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { getMessageBody } from "./body";
import { getMessage } from "./get";
import { readMessageAs } from "./read-as";
import { resendMessage } from "./resend";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await createClinic();
});

type Choice = Omit<Parameters<typeof readMessageAs>[1], "messageId">;
const readAs = (messageId: string, choice: Choice) => readMessageAs(clinic.ctx, { messageId, ...choice });
const dataOf = async (id: string) => JSON.parse((await getMessageState(clinic.ctx, id)) ?? "").data;

describe("a message read in another way", () => {
  test.each<[string, string | Uint8Array, string, Choice, unknown]>([
    ["a charset", Buffer.from([0xcf, 0xf0, 0xe8]), "text/plain", { charset: "cp1251" }, "При"],
    ["a format", "a=1&b[c]=2", "text/plain", { format: "form" }, { a: "1", b: { c: "2" } }],
    [
      "both",
      Buffer.from("<a>\xe9</a>", "latin1"),
      "image/png",
      { format: "xml", charset: "latin1" },
      { a: "é" },
    ],
    ["JSON that no type announced", "17", "text/plain", { format: "json" }, 17],
    ["JSON as text", '{"form":"visit"}', "application/json", { format: "text" }, '{"form":"visit"}'],
    ["text as bytes", "hi", "text/plain", { format: "binary" }, "aGk="],
  ])(
    "(%s) is a new message with the same bytes that names the old one",
    async (_, body, contentType, choice, data) => {
      const id = await clinic.receive(body, { contentType });
      const { messageId } = await readAs(id, choice);
      expect(await dataOf(messageId)).toEqual(data);
      const [old, copy] = [await getMessage(clinic.ctx, id), await getMessage(clinic.ctx, messageId)];
      expect(copy).toMatchObject({
        source: "resend",
        resentFrom: id,
        contentType,
        reading: choice.format ? { chosen: true } : { charset: { from: "chosen" } },
      });
      expect(old.resends.map((resend) => resend.id)).toEqual([messageId]);
      const bytes = async (one: string) => [...(await getMessageBody(clinic.ctx, one)).body];
      expect(await bytes(messageId)).toEqual(await bytes(id));
    },
  );

  test("keeps what its query does not say", async () => {
    const id = await clinic.receive("a=1", { contentType: "text/plain", search: "?x=1&x=2" });
    const parameters = [
      ["x", "1"],
      ["x", "2"],
    ];
    const { messageId } = await readAs(id, { format: "form" });
    expect((await getMessage(clinic.ctx, messageId)).reading).toEqual({ chosen: true, parameters });
    const again = await resendMessage(clinic.ctx, { messageId, body: "a=2" });
    expect((await getMessage(clinic.ctx, again.messageId)).reading).toEqual({ parameters });
  });

  test("is matched anew, and what is compressed is unpacked", async () => {
    const id = await clinic.receive(gzipSync("form=visit"), { contentType: "text/plain", encoding: "gzip" });
    const { messageId, runIds } = await readAs(id, { format: "form" });
    expect(runIds).toHaveLength(1);
    expect(await getMessage(clinic.ctx, messageId)).toMatchObject({
      reading: { codings: ["gzip"], chosen: true },
    });
  });

  test.each<[Choice, string]>([
    [{}, "Name the format"],
    [{ format: "json" }, "cannot be read as json"],
    [{ format: "xml" }, "cannot be read as xml"],
    [{ format: "multipart" }, "cannot be read as multipart"],
    [{ charset: "shift_jis" }, "cannot be read as shift_jis"],
    [{ charset: "klingon" }, "No charset is called klingon"],
  ])("%o is refused with the reason, and nothing is stored", async (choice, reason) => {
    const id = await clinic.receive(Uint8Array.from([0x68, 0x69, 0x83]), { contentType: "text/plain" });
    expect((await expectRefusal(readAs(id, choice), "invalid")).message).toContain(reason);
    expect((await getMessage(clinic.ctx, id)).resends).toEqual([]);
  });

  test("is written down", async () => {
    const id = await clinic.receive("a=1", { contentType: "text/plain" });
    const { messageId } = await readAs(id, { format: "form" });
    const event = await expectAudit("message.read_as", id);
    expect(event.after).toEqual({ messageId, format: "form" });
  });
});

test("nobody reads a stranger's message in another way, nor does a viewer", async () => {
  const stranger = await createClinic();
  const id = await clinic.receive("a=1", { contentType: "text/plain" });
  await expectRefusal(readMessageAs(stranger.ctx, { messageId: id, format: "form" }), "not_found");
  await expectRefusal(readMessageAs(clinic.as("viewer"), { messageId: id, format: "form" }), "forbidden");
});
