import { z } from "zod";
import { sessionCookieName } from "@/lib/auth/cookie";
import { env, publicUrl } from "@/lib/env";
import { documentPath } from "@/lib/http/api-methods";
import { type DescribedRoute, openApi } from "@/lib/http/openapi";
import type { OpenApi } from "@/lib/http/openapi-types";
import manifest from "@/package.json";
import { loadRoutes } from "./routes";

let document: OpenApi | undefined;

/** How the document describes itself. */
export const documentDeclaration = {
  summary: "This document: every route in OpenAPI 3.1.",
  response: z.record(z.string(), z.unknown()),
};

/** The API's document, made once a process: declarations do not change while it runs. */
export async function apiDocument(): Promise<OpenApi> {
  document ??= openApi(await described(), publicUrl(env()), manifest.version, sessionCookieName());
  return document;
}

async function described(): Promise<DescribedRoute[]> {
  const routes = (await loadRoutes()).map(({ path, method, handler: { declaration } }) => ({
    path,
    method,
    declaration,
  }));
  return [
    ...routes,
    { path: documentPath, method: "GET", declaration: { ...documentDeclaration, access: "public" } },
  ];
}
