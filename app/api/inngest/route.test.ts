import { expect, it } from "vitest";
import { GET, POST, PUT } from "./route";

it.each([
  ["GET", GET],
  ["POST", POST],
  ["PUT", PUT],
])("with the embedded engine nobody may call the functions over HTTP (%s)", async (method, handler) => {
  const { NextRequest } = await import("next/server");
  const request = new NextRequest("http://127.0.0.1/api/inngest?fnId=waybill-execute-run&stepId=step", {
    method,
    ...(method === "GET" ? {} : { body: "{}" }),
  });
  expect((await handler(request, undefined)).status).toBe(401);
});
