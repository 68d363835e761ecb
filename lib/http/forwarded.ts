import type { IncomingHttpHeaders } from "node:http";

/** What proxies add to the requests that they pass on. */
const marks = ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"];

/** Whether somebody says to have passed the request on. Only the server's own eye: Next adds such headers by itself. */
export const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => name.startsWith("x-forwarded") || marks.includes(name));
