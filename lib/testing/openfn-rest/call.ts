import { NextRequest } from "next/server";
import { loadRoutes, type Route } from "@/app/api/routes";
import { testDatabase } from "@/lib/testing/database";

testDatabase();
const routes = await loadRoutes();

/** The route that answers a path, and the ids in it. */
function routeAt(method: string, path: string): { route: Route; params: Record<string, string> } {
  const segments = path.split("/");
  const fits = (route: Route) => {
    const of = route.path.split("/");
    return of.length === segments.length && of.every((one, i) => one.startsWith("[") || one === segments[i]);
  };
  const literal = ({ path: one }: Route) => one.split("/").filter((word) => !word.startsWith("[")).length;
  const [route] = routes
    .filter((one) => one.method === method && fits(one))
    .sort((a, b) => literal(b) - literal(a));
  if (!route) throw new Error(`There is no route ${method} ${path}.`);
  const names = route.path.split("/");
  return {
    route,
    params: Object.fromEntries(
      names.flatMap((name, i) => (name.startsWith("[") ? [[name.slice(1, -1), segments[i] ?? ""]] : [])),
    ),
  };
}

export type Answer = { status: number; body: unknown; text: string };

/** What a request is answered, as a client of OpenFn's API sends it. */
export async function callApi(
  as: Record<string, string>,
  method: string,
  address: string,
  body?: unknown,
): Promise<Answer> {
  const url = new URL(address, "http://waybill.example");
  const { route, params } = routeAt(method, url.pathname);
  const request = new NextRequest(url, {
    method,
    headers: { accept: "application/json", "content-type": "application/json", host: url.host, ...as },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await route.handler(request, { params: Promise.resolve(params) });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text), text };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
