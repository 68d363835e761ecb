import { expect, test } from "vitest";
import type { MessageDetail } from "@/lib/domain/message/types";
import { parseExact } from "@/lib/exact-json";
import { requestOfInput } from "./input-request";

const url = "https://waybill.example.org/i/0192";

test("pasted JSON and stored states are sent as what they have for data, number for number", () => {
  const state = parseExact('{"data":{"id":12345678901234567890,"rate":1.1},"references":[]}');
  expect(requestOfInput({ message: null, state }, url)).toEqual({
    method: "POST",
    url,
    headers: [["content-type", "application/json"]],
    body: { text: '{"id":12345678901234567890,"rate":1.1}' },
  });
});

test("a state without data, and none at all, say nothing that can be sent", () => {
  for (const state of [undefined, {}, [], "text", null])
    expect(requestOfInput({ message: null, state }, url)).toBeNull();
});

test("a message is sent to the byte, to the test's address and without what its sender proved itself with", () => {
  const detail = {
    id: "0199aa",
    method: "PUT",
    path: ["forms", "7"],
    query: { page: "2" },
    headers: { "content-type": "application/xml", authorization: "Bearer x" },
  } as unknown as MessageDetail;
  const request = requestOfInput(
    { message: { detail, bytes: new TextEncoder().encode("<a/>") }, state: undefined },
    url,
  );
  expect(request).toMatchObject({ method: "PUT", url: `${url}?page=2`, body: { text: "<a/>" } });
  expect(JSON.stringify(request)).not.toContain("Bearer x");
});
